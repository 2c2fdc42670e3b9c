import type { ReactNode } from 'react'
import { LonePage } from '@/ui/shell.tsx'
import { brandLogo, brandName } from '../brand.ts'

/** The frame of a door: under the name and the logo of the brand. */
export const DoorPage = (parts: { title: string; lead?: ReactNode; children: ReactNode }) => (
  <LonePage {...parts} brand={brandName()} logo={brandLogo()} />
)
