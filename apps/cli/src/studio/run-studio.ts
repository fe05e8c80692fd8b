import type { Settings } from '../config/settings.ts'
import { serveStudio } from './studio-server.ts'
import { StudioState, type StudioStateOptions } from './studio-state.ts'
import { watchFolder } from './watch-folder.ts'

/** How a studio runs. */
export interface StudioOptions extends StudioStateOptions {
  readonly port: number | undefined
  readonly onReady: (url: string) => void
}

/** How often a database is looked at. */
const POLL_MS = 2000

/** Serves the report until the signal comes, and keeps it current while files and database change. */
export async function runStudio(settings: Settings, options: StudioOptions): Promise<void> {
  const { port, onReady, signal } = options
  const state = new StudioState(settings, options)
  await state.refresh()
  const server = await serveStudio(state, port)
  state.connect(server.send)
  const watcher = watchFolder(settings.migrations, () => void state.refreshFiles())
  const timer = setInterval(() => void state.refreshIfDatabaseChanged(), POLL_MS)
  onReady(server.url)
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
  clearInterval(timer)
  watcher.close()
  await server.close()
}
