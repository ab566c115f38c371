import { ExitCode, TablewrightError } from "../errors.ts";

/** No Pulumi.yaml at or above the folder. */
export class ProjectNotFoundError extends TablewrightError {
  readonly code = "project-not-found";
  readonly exitCode = ExitCode.usage;

  constructor(folder: string) {
    super({
      message: `no Pulumi.yaml in ${folder} or any folder above it`,
      next: "Run the command inside the project, or name its folder with --project.",
      facts: { folder },
    });
  }
}

/** The model's folder or file is missing. */
export class ModelNotFoundError extends TablewrightError {
  readonly code = "model-not-found";
  readonly exitCode = ExitCode.usage;

  constructor(model: string, known: readonly string[]) {
    super({
      message: `there is no table model "${model}" in infra/tables (known: ${known.join(", ") || "none"})`,
      next: "Name one of the known models with --table, or add infra/tables/<model>.ts.",
      facts: { model, known },
    });
  }
}

/** A content file of the project does not load or does not export what its place asks for. */
export class ContentError extends TablewrightError {
  readonly code = "content";
  readonly exitCode = ExitCode.usage;

  constructor(file: string, problem: string, next: string, cause?: unknown) {
    super({ message: `${file}: ${problem}`, next, facts: { file, problem }, cause });
  }
}

/** One mistake in a configuration file. */
export interface ConfigMistake {
  file: string;
  key: string;
  problem: string;
}

/** The stack's configuration is wrong; carries every mistake found. */
export class StackConfigError extends TablewrightError {
  readonly code = "stack-config";
  readonly exitCode = ExitCode.usage;

  /** @param complaint what the Pulumi program complains of besides, where it was asked */
  constructor(mistakes: readonly ConfigMistake[], complaint?: TablewrightError) {
    const lines = mistakes.map(({ file, key, problem }) => `${file}: ${key}: ${problem}`);
    super({
      message: [...lines, ...(complaint ? [complaint.message] : [])].join("\n"),
      next: "Correct the configuration and run the command again.",
      facts: { mistakes, ...(complaint && { program: complaint.facts }) },
      cause: complaint,
    });
  }
}
