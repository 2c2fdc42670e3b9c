import { spawnSync } from 'node:child_process'

/** Builds the pages after an installation; where the tools for it were left out, what was built before stays as it is. */
function isVitePresent(): boolean {
  try {
    import.meta.resolve('vite')
    return true
  } catch {
    return false
  }
}

if (isVitePresent()) {
  const { status } = spawnSync('npm', ['run', '-s', 'build'], { stdio: 'inherit' })
  process.exitCode = status ?? 1
}
