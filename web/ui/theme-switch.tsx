import { Moon, Sun } from 'lucide-react'
import { useState } from 'react'
import { text } from '@/text/en.ts'
import { IconButton } from './button.tsx'

const isDarkNow = (): boolean => document.documentElement.dataset['theme'] === 'dark'

/** Switches the theme and remembers it in this browser. */
export function toggleTheme(): boolean {
  const theme = isDarkNow() ? 'light' : 'dark'
  document.documentElement.dataset['theme'] = theme
  try {
    localStorage.setItem('theme', theme)
  } catch {
    // A browser that keeps nothing still switches.
  }
  return theme === 'dark'
}

/** The button that switches the theme. */
export function ThemeSwitch() {
  const [isDark, setDark] = useState(isDarkNow)
  return (
    <IconButton label={text.theme} onClick={() => setDark(toggleTheme())}>
      {isDark ? <Sun size={16} /> : <Moon size={16} />}
    </IconButton>
  )
}
