import { readDeclaredTables } from "../declared-tables.ts";
import type { DeclaredResource } from "../monitor.ts";
import { readScalingRanges, type ScalingByPlace } from "../scaling-ranges.ts";
import { type ReplicasByTable, readTableReplicas } from "../table-replicas.ts";
import { factsOf } from "./resource-facts.ts";
import type { Fact } from "./table-facts.ts";

/** A declared resource, and what belongs to it. */
export interface PlanNode {
  readonly urn: string;
  /** Such as `aws:dynamodb/table:Table`. */
  readonly type: string;
  readonly name: string;
  /** True for one that is only looked up, not managed. */
  readonly read: boolean;
  readonly protect: boolean;
  readonly ignoreChanges: readonly string[];
  readonly facts: readonly Fact[];
  readonly children: readonly PlanNode[];
}

/** What a stack is made of, from its roots down. */
export interface PlanTree {
  readonly roots: readonly PlanNode[];
  /** Resources that are made, components left out. */
  readonly resources: number;
  readonly tables: number;
}

const TABLE = "aws:dynamodb/table:Table";

const holdsTable = ({ type, children }: PlanNode): boolean => type === TABLE || children.some(holdsTable);

/** Tables and what holds one first, then by type and name: a program's resources arrive in no certain order. */
const sortKey = (node: PlanNode) => [holdsTable(node) ? 0 : 1, node.type, node.name].join("\0");
const inOrder = (one: PlanNode, other: PlanNode) => (sortKey(one) < sortKey(other) ? -1 : 1);

class TreeBuilder {
  readonly #scaling: ScalingByPlace;
  readonly #replicas: ReplicasByTable;
  readonly #children = new Map<string, DeclaredResource[]>();

  constructor(resources: readonly DeclaredResource[]) {
    this.#scaling = readScalingRanges(resources);
    this.#replicas = readTableReplicas(resources);
    const urns = new Set(resources.map(({ urn }) => urn));
    for (const resource of resources) {
      const parent = urns.has(resource.parent) ? resource.parent : "";
      this.#children.set(parent, [...(this.#children.get(parent) ?? []), resource]);
    }
  }

  /** What belongs to a resource; to the stack itself without one. */
  childrenOf(urn = ""): PlanNode[] {
    const nodes = (this.#children.get(urn) ?? []).map((resource) => ({
      urn: resource.urn,
      type: resource.type,
      name: resource.name,
      read: resource.read,
      protect: resource.protect,
      ignoreChanges: resource.ignoreChanges,
      facts: factsOf(resource, this.#scaling, this.#replicas),
      children: this.childrenOf(resource.urn),
    }));
    return nodes.sort(inOrder);
  }
}

/**
 * Puts a program's resources into a tree, each under the component that it belongs to, with the facts that
 * matter of its type. Pure, and the same for the same resources in any order.
 * @throws {UnsupportedDeclarationError} {@link DuplicateTableNameError}
 */
export function planTree(resources: readonly DeclaredResource[]): PlanTree {
  return {
    roots: new TreeBuilder(resources).childrenOf(),
    resources: resources.filter(({ custom, read }) => custom && !read).length,
    tables: readDeclaredTables(resources).length,
  };
}
