/** placeholder */
export interface TableDifference { field: string; declared: string; found: string }
