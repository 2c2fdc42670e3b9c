import { generateFiles } from '#bootstrap/generate.ts'

const isCheck = process.argv.includes('--check')

try {
  const stale = await generateFiles(isCheck)
  for (const path of stale) {
    process.stdout.write(isCheck ? `${path} is out of date: run "npm run gen"\n` : `${path} written\n`)
  }
  if (isCheck && stale.length > 0) process.exitCode = 1
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
