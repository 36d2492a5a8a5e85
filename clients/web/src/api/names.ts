/** Resource names of the contract, `designs/{id}` and `designs/{id}/nodes/{id}`, and the addresses of their pages. */

export function designOf(node: string): string {
  return node.split("/").slice(0, 2).join("/");
}

export function idOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

/** Address of a design's or node's page: the resource name is the path. */
export function pathOf(name: string): string {
  return `/${name}`;
}
