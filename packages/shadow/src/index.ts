export type { ShadowCacheOptions, ShadowOptions } from './open-shadow.ts'
export { openShadow } from './open-shadow.ts'
export type { NotChecked, Shadow, ShadowEngineKind, ShadowStandIns } from './port/shadow.ts'
