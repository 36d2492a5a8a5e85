export { Button, IconButton } from "./Button";
export { Dialog } from "./Dialog";
export { Menu } from "./Menu";
export { Notice, ProblemNotice } from "./Notice";
export { Toasts, toast, toastProblem } from "./toasts";
export { ownTouches } from "./touches";
export { writes } from "./writes";
