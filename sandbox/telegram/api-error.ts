/** A refusal as the Bot API words it; `status` is both the HTTP status and `error_code` (Bot API, "Making requests"). */
export class ApiError extends Error {
  readonly status: number;
  readonly parameters: { retry_after?: number; migrate_to_chat_id?: number } | undefined;

  constructor(status: number, description: string, parameters?: ApiError['parameters']) {
    super(description);
    this.status = status;
    this.parameters = parameters;
  }
}

export const badRequest = (what: string): ApiError => new ApiError(400, `Bad Request: ${what}`);
const forbidden = (what: string): ApiError => new ApiError(403, `Forbidden: ${what}`);
export const unauthorized = (): ApiError => new ApiError(401, 'Unauthorized');
export const cannotParseEntities = (): ApiError =>
  badRequest(`can't parse entities: Unsupported start tag "scripted" at byte offset 0`);
export const chatNotFound = (): ApiError => badRequest('chat not found');
export const blockedByUser = (): ApiError => forbidden('bot was blocked by the user');
export const kickedFromGroup = (type: 'group' | 'supergroup'): ApiError =>
  forbidden(`bot was kicked from the ${type} chat`);
export const userDeactivated = (): ApiError => forbidden('user is deactivated');

export const tooManyRequests = (retryAfterSeconds: number): ApiError =>
  new ApiError(429, `Too Many Requests: retry after ${retryAfterSeconds}`, { retry_after: retryAfterSeconds });

export const chatMigrated = (to: number): ApiError =>
  new ApiError(400, 'Bad Request: group chat was upgraded to a supergroup chat', { migrate_to_chat_id: to });
