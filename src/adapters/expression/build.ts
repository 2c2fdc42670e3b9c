import type { ASTNode } from '@marcbachmann/cel-js'
import { hasMember, member, optionalMember } from './access.ts'
import { type CelFunction, functions, mathFunctions, methods } from './functions.ts'
import { itemsOf, macros } from './macros.ts'
import { operators } from './operators.ts'
import { listOf, logical, mapOf, minus, negation, ternary } from './steps.ts'
import { isInt64 } from './values.ts'
import type { VariableTypes } from './variables.ts'
import { charge, failure, type Step } from './work.ts'

/** A part of the language that is not offered, with the place in the source. */
export class NotOffered extends Error {
  readonly start: number
  constructor(message: string, start: number) {
    super(message)
    this.start = start
  }
}

/** What building an expression finds out about it. */
export interface Built {
  readonly step: Step
  readonly variables: ReadonlySet<string>
  /** How many macro variables are alive at once. */
  readonly slotCount: number
}

type Node<Operation extends ASTNode['op']> = Extract<ASTNode, { readonly op: Operation }>

/** Turns a checked syntax tree into a function. Running is ours, so that every step of it can be counted. */
export function build(root: ASTNode, types: VariableTypes): Built {
  const builder = new Builder(types)
  const step = builder.step(root, [])
  return { step, variables: builder.variables, slotCount: builder.slotCount }
}

/** Names of the macro variables in scope; the position of a name is its slot. */
type Scope = readonly string[]

class Builder {
  readonly variables = new Set<string>()
  slotCount = 0
  readonly #types: VariableTypes

  constructor(types: VariableTypes) {
    this.#types = types
  }

  step(node: ASTNode, scope: Scope): Step {
    switch (node.op) {
      case 'value':
        return literal(node)
      case 'id':
        return this.#identifier(node.args, scope)
      case '.':
      case '.?':
        return this.#field(node, scope)
      case '[]':
      case '[?]':
        return this.#index(node, scope)
      case 'call':
        return this.#call(node, scope)
      case 'rcall':
        return this.#methodCall(node, scope)
      case 'list':
        return listOf(node.args.map((item) => this.step(item, scope)))
      case 'map':
        return mapOf(node.args.map(([key, value]) => [this.step(key, scope), this.step(value, scope)]))
      case '?:':
        return ternary(...(node.args.map((part) => this.step(part, scope)) as [Step, Step, Step]))
      case '||':
      case '&&': {
        const [left, right] = node.args
        return logical(node.op === '||', this.step(left, scope), this.step(right, scope))
      }
      case '!_':
        return negation(this.step(node.args, scope))
      case '-_':
        return minus(this.step(node.args, scope))
      default:
        return this.#binary(node, scope)
    }
  }

  #identifier(name: string, scope: Scope): Step {
    const slot = scope.lastIndexOf(name)
    if (slot !== -1)
      return (run) => {
        charge(run, 1)
        return run.slots[slot]
      }
    this.variables.add(name)
    const isInt = this.#types.get(name) === 'int'
    return (run) => {
      charge(run, 1)
      const value = run.context[name]
      if (value === undefined) throw failure(run, `${name} is not known here`)
      return isInt && typeof value === 'number' ? BigInt(value) : value
    }
  }

  #field(node: Node<'.' | '.?'>, scope: Scope): Step {
    const [holder, name] = node.args
    const step = this.step(holder, scope)
    const isInt = this.#isIntField(holder, name, scope)
    const read = node.op === '.' ? member : optionalMember
    return (run) => {
      charge(run, 1)
      const value = read(run, step(run), name)
      return isInt && typeof value === 'number' ? BigInt(value) : value
    }
  }

  #index(node: Node<'[]' | '[?]'>, scope: Scope): Step {
    const [holder, index] = node.args
    if (
      holder.op === 'id' &&
      !scope.includes(holder.args) &&
      typeof this.#types.get(holder.args) === 'object'
    )
      throw new NotOffered(`the fields of ${holder.args} are read as ${holder.args}.name`, node.start)
    const step = this.step(holder, scope)
    const indexStep = this.step(index, scope)
    const read = node.op === '[]' ? member : optionalMember
    return (run) => {
      charge(run, 1)
      return read(run, step(run), indexStep(run))
    }
  }

  #isIntField(holder: ASTNode, name: string, scope: Scope): boolean {
    if (holder.op !== 'id' || scope.includes(holder.args)) return false
    const type = this.#types.get(holder.args)
    return typeof type === 'object' && type[name] === 'int'
  }

  #call(node: Node<'call'>, scope: Scope): Step {
    const [name, args] = node.args
    const [argument] = args
    if (name === 'has' && argument?.op === '.') {
      const [holder, field] = argument.args
      const step = this.step(holder, scope)
      return (run) => {
        charge(run, 1)
        return hasMember(run, step(run), field)
      }
    }
    return this.#apply(functions.get(name), `${name}()`, args, node.start, scope)
  }

  #methodCall(node: Node<'rcall'>, scope: Scope): Step {
    const [name, receiver, args] = node.args
    if (receiver.op === 'id' && receiver.args === 'math' && !scope.includes('math'))
      return this.#apply(mathFunctions.get(name), `math.${name}()`, args, node.start, scope)
    const macro = macros.get(name)
    const [variable, ...bodies] = args
    if (macro === undefined || variable?.op !== 'id' || bodies.length === 0)
      return this.#apply(methods.get(name), `${name}()`, [receiver, ...args], receiver.end + 1, scope)
    const range = this.step(receiver, scope)
    const slot = scope.length
    const inner = [...scope, variable.args]
    this.slotCount = Math.max(this.slotCount, inner.length)
    const bodySteps = bodies.map((body) => this.step(body, inner))
    return (run) => {
      charge(run, 1)
      return macro(run, itemsOf(run, range(run)), slot, bodySteps)
    }
  }

  #apply(
    apply: CelFunction | undefined,
    shown: string,
    args: readonly ASTNode[],
    start: number,
    scope: Scope,
  ): Step {
    if (apply === undefined) throw new NotOffered(`${shown} is not offered`, start)
    const [first, second, third] = args.map((argument) => this.step(argument, scope))
    return (run) => {
      charge(run, 1)
      return apply(run, first?.(run), second?.(run), third?.(run))
    }
  }

  #binary(node: ASTNode, scope: Scope): Step {
    const apply = operators.get(node.op)
    if (apply === undefined) throw new NotOffered(`${node.op} is not offered`, node.pos)
    const [left, right] = (node.args as readonly [ASTNode, ASTNode]).map((side) =>
      this.step(side, scope),
    ) as [Step, Step]
    return (run) => {
      charge(run, 1)
      return apply(run, left(run), right(run))
    }
  }
}

function literal(node: Node<'value'>): Step {
  const value = node.args
  if (typeof value === 'object' && value !== null)
    throw new NotOffered('literals of bytes and unsigned numbers are not offered', node.start)
  if (typeof value === 'bigint' && !isInt64(value))
    throw new NotOffered('this number does not fit into 64 bits', node.start)
  return () => value
}
