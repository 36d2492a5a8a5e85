/** What the contract allows (media.proto, design.proto): known here, so that it is told before anything is sent. */

export const MAX_PICTURE_BYTES = 160 * 1024 * 1024;
export const MAX_PICTURE_SIDE = 8192;
export const MAX_PICTURE_PIXELS = 50_000_000;
export const MAX_ARCHIVE_BYTES = 160 * 1024 * 1024;
export const MAX_TITLE = 200;
export const MAX_NOTE = 4000;
export const MAX_INSTRUCTION = 1000;
export const MAX_CANDIDATES = 8;
/** Names in one `BatchGetThumbnails` call. */
export const MAX_THUMBNAILS = 100;
