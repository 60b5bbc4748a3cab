import { invalidField, Problem } from './problem.ts';

/**
 * Keeps a request of a company's key within that company: throws, or narrows the query. Callers who reach every company
 * never pass here. It runs before the handler, outside its transaction: no row ever changes its company, and no id is used
 * twice.
 */
export type CompanyRule<Request> = (request: Request, company_id: number) => void | Promise<void>;

type CompanyId = unknown;

/**
 * What the request touches belongs to the company that `find` answers.
 * @param missing what a missing thing is answered with, and so another company's
 */
export function owned<Request>(
  find: (request: Request) => CompanyId | Promise<CompanyId>,
  missing: () => Error,
): CompanyRule<Request> {
  return async (request, company_id) => {
    if ((await find(request)) !== company_id) throw missing();
  };
}

/** The body names the company. */
export const inBody: CompanyRule<{ body: { company_id?: unknown } }> = owned(
  ({ body }) => body.company_id,
  notTheCompany,
);

/** 422, whether the company named is another's or does not exist. */
export function notTheCompany(field = 'company_id'): Error {
  return invalidField(field, 'must be the company of the API key');
}

/** No company has this id. */
const NO_COMPANY = 0;

/** A list that takes the company as a filter: without one it is the key's own, and of another there is nothing. */
export const inQuery = filteredBy('company_id');

export function filteredBy<Column extends string>(column: Column) {
  return ({ query }: { query: { [C in Column]?: unknown } }, company_id: number): void => {
    const asked = query[column] ?? company_id;
    Object.assign(query, { [column]: asked === company_id ? company_id : NO_COMPANY });
  };
}

/** As `inQuery`, for what is no list: another company is a 404. */
export function namedInQuery({ query }: { query: { company_id?: number | undefined } }, company_id: number): void {
  if ((query.company_id ?? company_id) !== company_id)
    throw new Problem('not_found', 'there is no company with this id');
  query.company_id = company_id;
}

/** The handler asks `companyOf(caller)` itself. */
export const byHandler: CompanyRule<unknown> = () => undefined;
