import type { Interfaces } from '@oclif/core'
import { Command } from '@oclif/core/command'
import type { TidemarkError } from '@tidemark/core'
import { loadSettings } from '../config/load-settings.ts'
import type { Settings } from '../config/settings.ts'
import type { CommandLog } from '../log/command-log.ts'
import { writeJson } from '../output/write-json.ts'
import { EXIT, type ExitCode } from '../terminal/exit-codes.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { targetFlags } from '../text/target-flags.ts'
import { COMMON_FLAGS, type CommonFlagValues } from './common-flags.ts'
import { reportFailure } from './report-failure.ts'
import { getRuntime, type Runtime } from './runtime.ts'
import { toUsageError } from './usage-error.ts'

type FlagOutput = Interfaces.OutputFlags<Interfaces.FlagInput>
type ArgOutput = Interfaces.OutputArgs<Interfaces.ArgInput>
type Input<F extends FlagOutput, B extends FlagOutput, A extends ArgOutput> = Interfaces.Input<F, B, A>
type ParserOutput<F extends FlagOutput, B extends FlagOutput, A extends ArgOutput> = Interfaces.ParserOutput<
  F,
  B,
  A
>

/** What a command ends with: the JSON document, the text for people, and the exit code when it is not 0. */
export interface Outcome {
  readonly json: () => unknown
  readonly text: () => string
  readonly exit?: ExitCode
}

/** The base of every command: common flags, settings, one way to give a result and one way to fail. */
export abstract class BaseCommand extends Command {
  static override baseFlags = COMMON_FLAGS

  #given: CommonFlagValues = {}
  #log: CommandLog | undefined
  readonly #reported: TidemarkError[] = []

  /** Runs the command under a name. */
  async start(name: string): Promise<void> {
    this.id = name
    await this._run()
    this.#log?.ended(process.exitCode ?? EXIT.ok)
  }

  /** What oclif prepares here is for deprecations and plugins, of which there are none. */
  protected override async init(): Promise<void> {}

  protected get runtime(): Runtime {
    return getRuntime()
  }

  protected get terminal(): Terminal {
    return this.runtime.terminal
  }

  /** Reads flags and arguments. TM7008 with a suggestion when they are wrong. */
  protected override async parse<F extends FlagOutput, B extends FlagOutput, A extends ArgOutput>(
    options?: Input<F, B, A>,
    argv?: string[],
  ): Promise<ParserOutput<F, B, A>> {
    try {
      return await super.parse(options, argv)
    } catch (error) {
      const names = Object.keys({ ...this.ctor.baseFlags, ...this.ctor.flags })
      throw toUsageError(error, names, this.id ?? '')
    }
  }

  /** Loads the settings; from here on failures repeat the target flags that were given. */
  protected async settings(flags: CommonFlagValues): Promise<Settings> {
    this.given(flags)
    const settings = await loadSettings({ flags, variables: process.env, folder: process.cwd() })
    for (const url of [settings.database, settings.directUrl, settings.shadow])
      this.runtime.redactor.learnFrom(url ?? '')
    if (settings.logFile !== undefined || settings.logLevel !== undefined) await this.#openLog(settings)
    return settings
  }

  /** Takes note of the flags, for commands that need no settings. */
  protected given(flags: CommonFlagValues): void {
    this.#given = flags
  }

  /** The target flags that were given, for suggested commands. */
  protected get targetFlags(): string {
    return targetFlags(this.#given)
  }

  protected get isJson(): boolean {
    return this.#given.json === true
  }

  /** Notes that a failure was written already, in case the command ends with it. */
  protected markReported(error: TidemarkError): void {
    this.#reported.push(error)
  }

  /** Writes the result on stdout and sets the exit code. */
  protected finish(outcome: Outcome): void {
    if (this.isJson) {
      writeJson(outcome.json(), { targetFlags: this.targetFlags, redactor: this.runtime.redactor })
    } else {
      const text = outcome.text()
      if (text !== '') process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
    }
    process.exitCode = outcome.exit ?? EXIT.ok
  }

  protected override async catch(error: Error): Promise<void> {
    process.exitCode = reportFailure(error, this.runtime, {
      json: this.#has('--json'),
      verbose: this.#has('--verbose', '-v'),
      targetFlags: this.targetFlags,
      reported: this.#reported,
      failureMode: this.#has('--keep-going') ? 'keep_going' : 'stop',
    })
    this.#log?.failed(error)
  }

  async #openLog(settings: Settings): Promise<void> {
    const { openCommandLog } = await import('../log/command-log.ts')
    this.#log = await openCommandLog(settings, this.id ?? '', this.runtime.redactor)
  }

  #has(...names: readonly string[]): boolean {
    const end = this.argv.indexOf('--')
    const flags = end === -1 ? this.argv : this.argv.slice(0, end)
    return names.some((name) => flags.includes(name))
  }
}
