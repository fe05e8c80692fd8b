/**
 * Words that people write before a colon, or behind `-- @`, that are near a key or a marker without meaning
 * one, and the commonest words of that length. Lower case. They are never reported as near misses.
 */
export const COMMON_WORDS: ReadonlySet<string> = new Set(
  `
  backing basics batched batcher blinking branches caches catches booking clocking code dawn descriptions file flocking
  knocking locking looking matches migrating migrations mocking note page patches places ran replicas rile robe
  rocking rode roe roles roll rope rose rote rub rug rule rum rune rung runs runt rut tabs tams tangs tans tape
  taps tars task tats terrify time tip togs tope transactions transition translation tugs tyke typed types
  verily versify vibration watches
  `
    .trim()
    .split(/\s+/),
)
