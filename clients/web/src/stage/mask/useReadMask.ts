import { useEffect, useState } from "react";

import type { Mask } from "../../gen/langdesign/media/v1/media_pb";
import type { BitMask } from "./bitmask";
import { readMask } from "./message";

interface Reading {
  readonly message: Mask;
  readonly mask?: BitMask;
  readonly problem?: string;
}

/** The mask of a message, once it is unpacked; `problem` where it is damaged. */
export function useReadMask(message: Mask | undefined): Partial<Reading> {
  const [read, setRead] = useState<Reading>();
  useEffect(() => {
    if (!message) return;
    let wanted = true;
    readMask(message).then(
      (mask) => wanted && setRead({ message, mask }),
      (error: unknown) => wanted && setRead({ message, problem: String(error) }),
    );
    return () => {
      wanted = false;
    };
  }, [message]);
  return read && read.message === message ? read : {};
}
