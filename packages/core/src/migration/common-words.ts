/**
 * Words that people write before a colon in comments and that are near a key or a marker without meaning one.
 * Lower case. A near miss of these is never reported.
 */
export const COMMON_WORDS: ReadonlySet<string> = new Set(
  `
  back backing book booking date dates dawn description details done dow example file files hole how info linking
  links list locking looking mask name names node nodes note notes null one only own owner page pages part places
  pole purpose ran range rate read reason ref refs remove replica replicas reply result results return returns ring
  robe robes rode roles roll rolls root rope rose rote row rows rub rule rules rum rune rung runs rut see sole
  source stage state step steps tab table tables tabs tale tape tapes taps task tasks test tests text than thus time
  times tip tips title to todo token tokens tole tone tool top tope track translation translations transactions
  transition transitions tree trigger triggers try tyke types update updates use user users value values verb
  version versions very view views warning when why
  code mode more core
  blinking clocking flocking knocking mocking rocking
  migrations
  `
    .trim()
    .split(/\s+/),
)
