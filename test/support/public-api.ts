import { dirname } from "node:path";
import ts from "typescript-api";

/** One thing that a program can name or see: an export, or a member of something that an export leads to. */
export interface PublicThing {
  /** Such as `WeChatClient.messages` or `Users.get() → User.remark`. */
  readonly name: string;
  /** Its docstring, without tags; empty where there is none. */
  readonly doc: string;
  /** Its tags, such as `throws`. */
  readonly tags: readonly string[];
}

/**
 * Everything that the types of a package show: its exports, their public members, and the members of every type of the
 * package that those lead to, as result, property or named parameter. What is written as `{ … }` in a parameter list
 * belongs to its method's docstring.
 * @param index path of the package's `index.d.ts`
 */
export function publicThings(index: string): PublicThing[] {
  const program = ts.createProgram([index], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    strict: true,
  });
  const source = program.getSourceFile(index);
  const module = source && program.getTypeChecker().getSymbolAtLocation(source);
  if (!module) throw new Error(`${index} is not a module`);
  return new Walk(program.getTypeChecker(), dirname(index)).of(module);
}

class Walk {
  readonly #things: PublicThing[] = [];
  readonly #seen = new Set<ts.Type>();

  constructor(
    readonly checker: ts.TypeChecker,
    readonly folder: string,
  ) {}

  of(module: ts.Symbol): PublicThing[] {
    for (const exported of this.checker.getExportsOfModule(module)) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(exported) : exported;
      this.#note(exported.name, symbol);
      if (symbol.flags & ts.SymbolFlags.Type)
        this.#members(exported.name, this.checker.getDeclaredTypeOfSymbol(symbol));
      if (symbol.flags & ts.SymbolFlags.Value) this.#members(exported.name, this.checker.getTypeOfSymbol(symbol));
    }
    return this.#things;
  }

  #note(name: string, symbol: ts.Symbol): void {
    const doc = ts.displayPartsToString(symbol.getDocumentationComment(this.checker)).trim();
    this.#things.push({ name, doc, tags: symbol.getJsDocTags(this.checker).map((tag) => tag.name) });
  }

  /** Notes the members of every type of the package within `type`. */
  #members(name: string, type: ts.Type): void {
    if (this.#seen.has(type) || type.flags & ts.TypeFlags.Conditional) return; // undecided until it has its arguments
    this.#seen.add(type);
    if (type.isUnionOrIntersection()) for (const part of type.types) this.#members(name, part);
    for (const argument of this.#arguments(type)) this.#members(name, argument);
    for (const signature of type.getCallSignatures()) this.#signature(name, signature);
    for (const property of type.getProperties()) {
      if (!this.#isOurs(property) || !isPublic(property)) continue;
      const member = `${ownName(type) ?? name}.${property.name}`;
      this.#note(member, property);
      this.#members(member, this.checker.getTypeOfSymbol(property));
    }
  }

  #signature(name: string, signature: ts.Signature): void {
    this.#members(`${name}()`, signature.getReturnType());
    for (const parameter of signature.parameters) {
      const type = this.checker.getTypeOfSymbol(parameter);
      const parts = type.isUnion() ? type.types : [type];
      for (const part of parts) if (ownName(part) !== undefined || part.aliasSymbol) this.#members(name, part);
    }
  }

  #arguments(type: ts.Type): readonly ts.Type[] {
    const isReference = (type as ts.TypeReference).target !== undefined;
    return [
      ...(type.aliasTypeArguments ?? []),
      ...(isReference ? this.checker.getTypeArguments(type as ts.TypeReference) : []),
    ];
  }

  #isOurs(symbol: ts.Symbol): boolean {
    return symbol.declarations?.some((node) => node.getSourceFile().fileName.startsWith(this.folder)) ?? false;
  }
}

/** The name of a class or interface; `{ … }` has none. */
const ownName = (type: ts.Type) => (type.isClassOrInterface() ? type.symbol.name : undefined);

function isPublic(symbol: ts.Symbol): boolean {
  if (symbol.name.startsWith("__")) return false; // members named by a symbol
  if (symbol.declarations?.some((node) => ts.isPropertyDeclaration(node) && ts.isPrivateIdentifier(node.name)))
    return false;
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  return !symbol.declarations?.some((node) => ts.getCombinedModifierFlags(node as ts.Declaration) & hidden);
}
