export { CompareView } from "./CompareView";
export { Stage } from "./Stage";
export { Variations } from "./Variations";
