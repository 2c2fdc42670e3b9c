import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Fault } from '#contract/outcome.ts'
import type { Certificate, CertificateSource, ServedCertificate } from '#ports/certificates.ts'
import type { Log } from '#ports/log.ts'

/** A certificate file and the file of its private key, both PEM. */
export interface CertificatePaths {
  readonly certificate: string
  readonly key: string
}

/** Certificates from files, read again when they change. */
export interface CertificateFiles extends CertificateSource {
  /** Looks whether a file has changed; one that cannot be used is told to the log, and what was there stays. */
  refresh(): void
  /** What is served now; the first is for clients whose name none has. */
  list(): readonly ServedCertificate[]
  close(): void
}

interface Known {
  readonly paths: CertificatePaths
  certificate: Certificate
  names: X509Certificate
}

const lookEveryMs = 10_000

/** Opens them; the first is for clients whose name none of them has. Throws a Fault that names the file at fault. */
export function openCertificateFiles(
  all: readonly CertificatePaths[],
  log: Pick<Log, 'error' | 'info'>,
): CertificateFiles {
  const known: Known[] = all.map((paths) => ({ paths, ...read(paths) }))

  function refresh(): void {
    for (const one of known) {
      try {
        const next = read(one.paths)
        const { chain, key } = one.certificate
        if (next.certificate.chain === chain && next.certificate.key === key) continue
        Object.assign(one, next)
        log.info({ certificate: one.paths.certificate, until: next.names.validTo }, 'certificate replaced')
      } catch (error) {
        log.error({ error, certificate: one.paths.certificate }, 'the new certificate cannot be used')
      }
    }
  }

  const timer = setInterval(refresh, lookEveryMs).unref()
  return {
    find: (serverName) =>
      (
        known.find(({ names }) => serverName !== undefined && names.checkHost(serverName) !== undefined) ??
        known[0]
      )?.certificate,
    refresh,
    list: () => known.map(({ paths, names }) => describe(paths.certificate, names)),
    close: () => clearInterval(timer),
  }
}

function describe(source: string, names: X509Certificate): ServedCertificate {
  const alternatives = (names.subjectAltName ?? '').split(', ').filter((name) => name !== '')
  return {
    source,
    names: alternatives.map((name) => name.replace(/^(DNS|IP Address):/, '')),
    issuer: names.issuer.split('\n').join(', '),
    valid_from: new Date(names.validFrom).toISOString(),
    valid_to: new Date(names.validTo).toISOString(),
  }
}

function read({ certificate: certificatePath, key: keyPath }: CertificatePaths): Omit<Known, 'paths'> {
  const chain = readText('APIGATE_TLS_CERT', certificatePath)
  const key = readText('APIGATE_TLS_KEY', keyPath)
  const names = parsed('APIGATE_TLS_CERT', certificatePath, () => new X509Certificate(chain))
  const secret = parsed('APIGATE_TLS_KEY', keyPath, () => createPrivateKey(key))
  if (!names.checkPrivateKey(secret))
    throw new Fault('validation_error', `APIGATE_TLS_KEY: ${keyPath} is not the key of ${certificatePath}`)
  return { certificate: { chain, key }, names }
}

function readText(variable: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new Fault('validation_error', `${variable}: ${path} cannot be read`, { cause })
  }
}

function parsed<T>(variable: string, path: string, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    throw new Fault('validation_error', `${variable}: ${path} is not PEM that can be used`, { cause })
  }
}
