import { type CertificateFiles, openCertificateFiles } from '#adapters/tls/certificate-files.ts'
import type { Log } from '#ports/log.ts'
import type { Config } from './config.ts'

/** Opens the certificates of an instance; undefined where it speaks plain HTTP. */
export const openCertificates = (
  { certificates }: Pick<Config, 'certificates'>,
  log: Log,
): CertificateFiles | undefined =>
  certificates.length === 0 ? undefined : openCertificateFiles(certificates, log)
