import { describe, expect, it } from 'vitest'
import { createUsageCollector } from './token-usage.ts'

function usageOf(...documents: unknown[]) {
  const collector = createUsageCollector()
  for (const document of documents) collector.absorb(document)
  return collector.usage()
}

const usage = (input: number, output: number, cached = 0, reasoning = 0, total = input + output) => ({
  input_tokens: input,
  output_tokens: output,
  cached_tokens: cached,
  reasoning_tokens: reasoning,
  total_tokens: total,
})

describe('token usage has one shape, whatever API told it', () => {
  it.each([
    [
      'OpenAI chat completions',
      [
        {
          usage: {
            prompt_tokens: 100,
            completion_tokens: 30,
            total_tokens: 130,
            prompt_tokens_details: { cached_tokens: 64, audio_tokens: 0 },
            completion_tokens_details: { reasoning_tokens: 12 },
          },
        },
      ],
      usage(100, 30, 64, 12),
    ],
    [
      'an OpenAI stream with include_usage',
      [
        { choices: [{ delta: { content: 'a' } }], usage: null },
        { choices: [], usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 } },
      ],
      usage(5, 2),
    ],
    [
      'OpenAI responses',
      [
        {
          usage: {
            input_tokens: 50,
            input_tokens_details: { cached_tokens: 10 },
            output_tokens: 20,
            output_tokens_details: { reasoning_tokens: 8 },
            total_tokens: 70,
          },
        },
      ],
      usage(50, 20, 10, 8),
    ],
    [
      'an OpenAI responses stream',
      [
        { type: 'response.created', response: { usage: null } },
        {
          type: 'response.completed',
          response: { usage: { input_tokens: 3, output_tokens: 4, total_tokens: 7 } },
        },
      ],
      usage(3, 4),
    ],
    [
      'an Anthropic message, whose cached input stands beside its input',
      [
        {
          usage: {
            input_tokens: 10,
            cache_creation_input_tokens: 200,
            cache_read_input_tokens: 3000,
            output_tokens: 40,
          },
        },
      ],
      usage(3210, 40, 3000),
    ],
    [
      'an Anthropic stream, whose counts are running totals',
      [
        {
          type: 'message_start',
          message: { usage: { input_tokens: 25, cache_read_input_tokens: 5, output_tokens: 1 } },
        },
        { type: 'content_block_delta', delta: { text: 'a' } },
        { type: 'message_delta', delta: {}, usage: { output_tokens: 15 } },
        { type: 'message_stop' },
      ],
      usage(30, 15, 5),
    ],
    ['embeddings, which have no output', [{ usage: { prompt_tokens: 8, total_tokens: 8 } }], usage(8, 0)],
  ])('%s', (_name, documents, expected) => expect(usageOf(...documents)).toEqual(expected))

  it.each([
    ['nothing'],
    [null],
    [[]],
    [{}],
    [{ usage: 5 }],
    [{ usage: {} }],
    [{ usage: { total_tokens: '5' } }],
    [{ usage: { total_tokens: -5 } }],
    [{ usage: { prompt_tokens: 1.5, completion_tokens: Number.NaN } }],
    [{ __proto__: { usage: { total_tokens: 5 } } }],
  ])('%j tells nothing', (document) => expect(usageOf(document)).toBeUndefined())
})
