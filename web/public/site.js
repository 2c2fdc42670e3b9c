// What the public pages can do where scripts run; without it they are complete, but for copying, choosing and trying out.
;(() => {
  const storage = (kind, name, value) => {
    try {
      if (value === undefined) return kind.getItem(name)
      kind.setItem(name, value)
    } catch {}
    return null
  }

  for (const button of document.querySelectorAll('button.copy')) {
    button.hidden = false
    button.addEventListener('click', async () => {
      const code = button.closest('figure')?.querySelector('code')
      await navigator.clipboard?.writeText(code?.textContent ?? '')
      button.textContent = 'Copied'
      setTimeout(() => {
        button.textContent = 'Copy'
      }, 2000)
    })
  }

  const theme = document.querySelector('button.theme')
  if (theme !== null) {
    theme.hidden = false
    theme.addEventListener('click', () => {
      const chosen = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'
      document.documentElement.dataset.theme = chosen
      storage(localStorage, 'theme', chosen)
    })
  }

  const groups = [...document.querySelectorAll('.choices')].map((group) => {
    const figures = [...group.querySelectorAll('figure')]
    const bar = document.createElement('div')
    bar.className = 'languages'
    bar.setAttribute('role', 'group')
    bar.setAttribute('aria-label', 'Language')
    const buttons = figures.map((figure) => {
      const button = document.createElement('button')
      button.type = 'button'
      button.textContent = figure.querySelector('code').dataset.language
      button.addEventListener('click', () => {
        storage(localStorage, 'language', button.textContent)
        for (const show of groups) show(button.textContent)
      })
      bar.append(button)
      return button
    })
    group.prepend(bar)
    group.classList.add('chosen')
    return (language) => {
      const has = buttons.some((button) => button.textContent === language)
      buttons.forEach((button, at) => {
        const isChosen = has ? button.textContent === language : at === 0
        button.setAttribute('aria-pressed', String(isChosen))
        figures[at].hidden = !isChosen
      })
    }
  })
  for (const show of groups) show(storage(localStorage, 'language'))

  // Colours of code without a single element more: ranges that the stylesheet names.
  const grammar =
    /(?<comment>^\s*#[^\n]*|\/\/[^\n]*)|(?<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|(?<number>\b\d[\d_.]*\b)|(?<keyword>\b(?:async|await|const|def|defer|else|fmt|for|from|func|function|if|import|let|nil|new|null|package|print|return|true|false|while|with|curl)\b)/gm
  if (globalThis.CSS?.highlights !== undefined) {
    const found = { comment: [], string: [], number: [], keyword: [] }
    for (const { firstChild: text } of document.querySelectorAll('pre code')) {
      if (text?.nodeType !== Node.TEXT_NODE) continue
      for (const match of text.data.matchAll(grammar)) {
        const [kind] = Object.entries(match.groups).find(([, value]) => value !== undefined)
        const range = new StaticRange({
          startContainer: text,
          startOffset: match.index,
          endContainer: text,
          endOffset: match.index + match[0].length,
        })
        found[kind].push(range)
      }
    }
    for (const [kind, ranges] of Object.entries(found)) CSS.highlights.set(kind, new Highlight(...ranges))
  }

  const here = document.querySelector('.side [aria-current]')
  const side = document.querySelector('.side')
  if (here !== null && side !== null) side.scrollLeft = here.offsetLeft - 16

  const openTarget = () => {
    const target = location.hash === '' ? null : document.getElementById(location.hash.slice(1))
    if (target instanceof HTMLDetailsElement) target.open = true
  }
  openTarget()
  addEventListener('hashchange', openTarget)

  const input = document.querySelector('.search input')
  const main = document.querySelector('main')
  if (input !== null && main !== null) {
    const before = [...main.childNodes]
    const parts = document.querySelector('.parts')
    let latest = 0
    const search = async () => {
      latest += 1
      const mine = latest
      const isAsked = input.value.trim() !== ''
      if (parts !== null) parts.hidden = isAsked
      if (!isAsked) return main.replaceChildren(...before)
      const answer = await fetch(`/docs/search?q=${encodeURIComponent(input.value)}`).catch(() => undefined)
      if (answer === undefined || !answer.ok || mine !== latest) return
      const found = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main')
      if (found !== null && mine === latest) main.replaceChildren(...found.childNodes)
    }
    let waiting
    input.addEventListener('input', () => {
      clearTimeout(waiting)
      waiting = setTimeout(search, 150)
    })
    document.addEventListener('keydown', (event) => {
      const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target?.tagName ?? '')
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      input.focus()
    })
  }

  const keyFields = [...document.querySelectorAll('form.try input[name="api-key"]')]
  const keepKey = (key) => {
    storage(sessionStorage, 'try-key', key)
    for (const field of keyFields) field.value = key
  }

  // A key is shown once and kept as a digest: for whoever is signed in another one is made, which ends by itself.
  const makeKey = async (place, say) => {
    const anHour = 3_600_000
    const answer = await fetch('/api/v1/keys', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        name: 'API reference',
        expires_at: new Date(Date.now() + anHour).toISOString(),
      }),
    }).catch(() => undefined)
    const body = await answer?.json().catch(() => undefined)
    if (answer?.status === 401) {
      const link = document.createElement('a')
      const here = `${location.pathname}${location.search}#${place}`
      link.href = `/portal/sign-in?next=${encodeURIComponent(here)}`
      link.textContent = 'Sign in'
      say(link, ' first: it leads back here.')
    } else if (answer?.ok !== true) say(body?.error?.message ?? 'The server did not answer.')
    else {
      keepKey(body.data.key)
      say('Made a key that ends in an hour.')
    }
  }

  for (const form of document.querySelectorAll('form.try')) {
    form.hidden = false
    const key = form.elements.namedItem('api-key')
    if (key !== null) key.value = storage(sessionStorage, 'try-key') ?? ''
    const own = form.querySelector('.own-key')
    own?.addEventListener('click', async () => {
      own.disabled = true
      const place = form.closest('details')?.id ?? ''
      await makeKey(place, (...words) => form.querySelector('.own [role="status"]').replaceChildren(...words))
      own.disabled = false
    })
    form.addEventListener('submit', async (event) => {
      event.preventDefault()
      const shown = form.querySelector('output')
      const path = form.dataset.path.replace(/\{(\w+)\}/g, (_, name) => {
        const value = form.elements.namedItem(`path-${name}`).value
        return name === 'rest' ? encodeURI(value) : encodeURIComponent(value)
      })
      const query = form.elements.namedItem('query').value.replace(/^\?/, '')
      const body = form.elements.namedItem('body')?.value ?? ''
      const headers = body === '' ? {} : { 'content-type': 'application/json' }
      if (key !== null && key.value !== '') {
        keepKey(key.value)
        headers.authorization = `Bearer ${key.value}`
      }
      shown.textContent = '…'
      const began = performance.now()
      try {
        const answer = await fetch(path + (query === '' ? '' : `?${query}`), {
          method: form.dataset.method,
          headers,
          credentials: 'omit',
          ...(body === '' ? {} : { body }),
        })
        const text = await answer.text()
        const took = Math.round(performance.now() - began)
        shown.textContent = `${answer.status} ${answer.statusText} · ${took} ms\n\n${pretty(text).slice(0, 20_000)}`
      } catch (error) {
        shown.textContent = String(error)
      }
    })
  }

  function pretty(text) {
    try {
      return JSON.stringify(JSON.parse(text), null, 2)
    } catch {
      return text
    }
  }
})()
