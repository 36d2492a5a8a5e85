/**
 * Places for streams that stay open. Over HTTP/1.1 a browser opens six connections to an origin, for all of its pages
 * together: were each held by a stream, no call would get through. HTTP/2 knows no such limit.
 */

const PLACES = 4;
const NAMES = Array.from({ length: PLACES }, (_, number) => `langdesign.stream.${number}`);

type Release = () => void;

function limited(): boolean {
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  // Without TLS and away from this machine, browsers offer no locks: each page then cares for itself alone.
  return "locks" in navigator && (navigation?.nextHopProtocol ?? "").startsWith("http/1");
}

function take(name: string): Promise<Release | undefined> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, { ifAvailable: true }, (lock) => {
        if (!lock) return resolve(undefined);
        return new Promise<void>((release) => resolve(release));
      })
      .catch(reject);
  });
}

/** Takes a place among all pages of this browser; resolves to what gives it back, or to nothing where none is free. */
export async function takePlace(): Promise<Release | undefined> {
  if (!limited()) return () => undefined;
  for (const name of NAMES) {
    const release = await take(name);
    if (release) return release;
  }
  return undefined;
}
