/** What one worker holds of each slot of a region. Only that worker writes it; another reads it when the worker is gone. */
export interface HeldByWorker {
  add(slot: number, amount: number): void
  /** Empties the record, telling every slot with what was held there. */
  takeAll(tell: (slot: number, amount: number) => void): void
}

/** Opens the record of a worker; the buffer has one column of `slots` numbers for each, one after another. */
export function heldByWorker(
  buffer: SharedArrayBuffer,
  columnsAt: number,
  slots: number,
  workerNumber: number,
): HeldByWorker {
  const column = new Float64Array(buffer, columnsAt + workerNumber * slots * 8, slots)
  return {
    add(slot, amount) {
      column[slot] = (column[slot] as number) + amount
    },
    takeAll(tell) {
      for (const [slot, amount] of column.entries()) {
        if (amount === 0) continue
        column[slot] = 0
        tell(slot, amount)
      }
    },
  }
}
