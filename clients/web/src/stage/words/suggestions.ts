/** Instructions to begin with, by the kind of room. */

/** A kind of room that suggestions are made for. */
export type Room = "living" | "bedroom" | "kitchen" | "bathroom" | "office" | "dining" | "outdoor" | "any";

const SUGGESTIONS: Record<Room, readonly string[]> = {
  living: [
    "Make the sofa dark green.",
    "Paint the wall a warm white.",
    "Remove the rug.",
    "Add a plant beside the sofa.",
    "Turn the curtains into linen.",
  ],
  bedroom: [
    "Make the bed linen pale blue.",
    "Paint the wall behind the bed sage green.",
    "Add a lamp on the nightstand.",
    "Turn the headboard into oak.",
  ],
  kitchen: [
    "Paint the cabinets dark blue.",
    "Turn the worktop into marble.",
    "Remove everything on the worktop.",
    "Add a bowl of lemons on the table.",
  ],
  bathroom: [
    "Make the tiles dark green.",
    "Turn the floor into terrazzo.",
    "Add a plant beside the basin.",
    "Make the towels white.",
  ],
  office: [
    "Turn the desk into walnut.",
    "Remove the cables under the desk.",
    "Make the chair black.",
    "Add a lamp on the desk.",
  ],
  dining: [
    "Make the chairs black.",
    "Turn the table into oak.",
    "Add flowers on the table.",
    "Replace the lamp with a paper lantern.",
  ],
  outdoor: [
    "Make the cushions terracotta.",
    "Turn the deck into dark wood.",
    "Add a plant beside the door.",
    "Paint the fence black.",
  ],
  any: [
    "Paint the wall a warm white.",
    "Make the chair dark green.",
    "Add a plant by the window.",
    "Turn the floor into oak.",
    "Remove the rug.",
  ],
};

// Rooms by words that people call them by, in the languages that instructions are read in.
const WORDS: readonly (readonly [Room, RegExp])[] = [
  ["living", /\b(living|lounge|sofa|couch|salon|sufragerie|wohnzimmer)/i],
  ["bedroom", /\b(bed|bedroom|nursery|dormitor|schlafzimmer)/i],
  ["kitchen", /\b(kitchen|cabinets?|worktop|counter|hob|bucătărie|bucatarie|küche|kuche)/i],
  ["bathroom", /\b(bath|bathroom|shower|basin|toilet|baie|bad|badezimmer)\b/i],
  ["office", /\b(office|desk|study|workplace|birou|büro|arbeitszimmer)/i],
  ["dining", /\b(dining|sufragerie|esszimmer|dinner)/i],
  ["outdoor", /\b(garden|terrace|balcony|patio|deck|grădină|terasă|garten|terrasse|balkon)/i],
];

/** Return the kind of room that words about it tell: titles, notes, instructions; those that come first weigh most. */
export function roomOf(texts: readonly string[]): Room {
  for (const text of texts) {
    const found = WORDS.find(([, pattern]) => pattern.test(text));
    if (found) return found[0];
  }
  return "any";
}

/** Return suggestions for a room, without what was asked for already. */
export function suggestionsFor(room: Room, asked: readonly string[] = []): readonly string[] {
  return unasked(SUGGESTIONS[room], asked);
}

/** Return the suggestions that were not asked for, however that was written. */
export function unasked(suggestions: readonly string[], asked: readonly string[]): readonly string[] {
  const before = new Set(asked.map(plain));
  return suggestions.filter((suggestion) => !before.has(plain(suggestion)));
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[.!]+$/, "")
    .trim();
}
