// Made by `npm run gen` from modules/*.yaml. Do not edit.
export interface Rows {}
