import { render } from 'preact'
import { App } from './app.tsx'
import { isLive, readReport } from './report-source.ts'
import './styles.css'

const root = document.getElementById('app')
if (root !== null) render(<App first={readReport(document)} isLive={isLive(document)} />, root)
