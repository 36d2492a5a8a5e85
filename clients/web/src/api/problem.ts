import { Code, ConnectError } from "@connectrpc/connect";

/**
 * What went wrong, as a person needs to know it. A status code alone does not tell: an HTML page with status 200 is
 * InvalidArgument to Connect, 413 is Unknown, 429 is Unavailable, and a broken stream is Unknown, so `wire.ts` looks at
 * the HTTP answer first and throws a `WireError` with the right kind.
 */
export type ProblemKind =
  | "line-lost" // nothing answers, or an answer broke off
  | "busy" // the service answers that it cannot now
  | "too-many" // too many calls
  | "too-large" // more bytes than the gateway takes
  | "wrong-address" // something else than LangDesign answers
  | "expired" // the token is missing or no longer valid
  | "forbidden" // the token does not allow it
  | "full" // no space is left
  | "missing" // no such design or node
  | "lost-picture" // the stored picture is gone or damaged
  | "changed" // somebody else changed it first
  | "refused" // it cannot be done in this state
  | "invalid" // the request is not right
  | "cancelled"
  | "internal";

export interface Problem {
  kind: ProblemKind;
  /** What happened, in a sentence. */
  title: string;
  /** What to do about it. */
  hint: string;
  /** Whether the same call may succeed later. */
  transient: boolean;
}

/** An HTTP answer, or the lack of one, that is no gRPC-Web. */
export class WireError extends Error {
  override readonly name = "WireError";
  constructor(
    readonly kind: ProblemKind,
    message: string,
  ) {
    super(message);
  }
}

type Words = Omit<Problem, "kind">;

const WORDS: Record<ProblemKind, Words> = {
  "line-lost": {
    title: "The line to the service is lost",
    hint: "Nothing of yours is lost. It goes on by itself as soon as the service answers again.",
    transient: true,
  },
  busy: {
    title: "The service is busy",
    hint: "Try again in a moment.",
    transient: true,
  },
  "too-many": {
    title: "Too many requests at once",
    hint: "Wait a few seconds, then try again.",
    transient: true,
  },
  "too-large": {
    title: "The file is larger than the gateway takes",
    hint: "Make it smaller, or ask the operator to raise the gateway's limit.",
    transient: false,
  },
  "wrong-address": {
    title: "This address does not lead to LangDesign's services",
    hint: "Open the address that `make up` printed, or ask the operator where the gateway is.",
    transient: false,
  },
  expired: {
    title: "Your access has ended",
    hint: "Enter a new token to go on where you are.",
    transient: false,
  },
  forbidden: {
    title: "Your token does not allow this",
    hint: "Ask the operator for a token with this right.",
    transient: false,
  },
  full: {
    title: "The service has no space left",
    hint: "Nothing that was stored is lost. Ask the operator to make room, then try again.",
    transient: false,
  },
  missing: {
    title: "This is not there (any more)",
    hint: "It may have been purged, or the link is wrong.",
    transient: false,
  },
  "lost-picture": {
    title: "The stored picture is missing or damaged",
    hint: "Other nodes still work: go on from the parent, or replay this edit.",
    transient: false,
  },
  changed: {
    title: "Somebody changed this while you were at it",
    hint: "Look at both versions and choose.",
    transient: false,
  },
  refused: {
    title: "This cannot be done now",
    hint: "See what the service says, then try again.",
    transient: false,
  },
  invalid: {
    title: "The service did not accept this",
    hint: "See what it says, and correct it.",
    transient: false,
  },
  cancelled: { title: "Stopped", hint: "", transient: false },
  internal: {
    title: "Something went wrong in the service",
    hint: "Try again; if it stays, tell the operator.",
    transient: false,
  },
};

const BY_CODE: Partial<Record<Code, ProblemKind>> = {
  [Code.Unavailable]: "busy",
  [Code.DeadlineExceeded]: "busy",
  [Code.ResourceExhausted]: "full",
  [Code.Unauthenticated]: "expired",
  [Code.PermissionDenied]: "forbidden",
  [Code.NotFound]: "missing",
  [Code.DataLoss]: "lost-picture",
  [Code.Aborted]: "changed",
  [Code.FailedPrecondition]: "refused",
  [Code.AlreadyExists]: "refused",
  [Code.InvalidArgument]: "invalid",
  [Code.OutOfRange]: "invalid",
  [Code.Unimplemented]: "wrong-address",
  [Code.Canceled]: "cancelled",
};

// Services say RESOURCE_EXHAUSTED of a full disk and of their own rate limits.
const TOO_MANY = /too many|rate|slot|queue|quota/i;

function kindOf(error: ConnectError): ProblemKind {
  if (error.cause instanceof WireError) return error.cause.kind;
  // A stream that ends without its trailer was cut on its way.
  if (error.rawMessage === "missing trailer" || error.rawMessage === "premature EOF") return "line-lost";
  if (error.code === Code.ResourceExhausted && TOO_MANY.test(error.rawMessage)) return "too-many";
  return BY_CODE[error.code] ?? "internal";
}

/** Words of the service are shown where it knows more than we do; of a lost line, Connect's own words say nothing. */
const SERVICE_KNOWS = new Set<ProblemKind>([
  "invalid",
  "refused",
  "full",
  "internal",
  "lost-picture",
  "forbidden",
]);

/** Says what an error of a call means. */
export function problemOf(error: unknown): Problem {
  if (error instanceof WireError) return { kind: error.kind, ...WORDS[error.kind] };
  const connect = ConnectError.from(error);
  const kind = kindOf(connect);
  const words = WORDS[kind];
  const said = SERVICE_KNOWS.has(kind) && !(connect.cause instanceof Error) ? connect.rawMessage.trim() : "";
  return { kind, ...words, hint: said ? `${capital(said)}${/[.!?]$/.test(said) ? "" : "."}` : words.hint };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Whether going on is worth it without being asked. */
export function isTransient(error: unknown): boolean {
  return problemOf(error).transient;
}
