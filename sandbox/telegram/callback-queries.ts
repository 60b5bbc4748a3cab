import { badRequest } from './api-error.ts';

/** What the bot said to a pressed button (Bot API, answerCallbackQuery). */
export interface CallbackAnswer {
  text: string;
  show_alert: boolean;
  url: string;
}

export interface CallbackQueries {
  open(chatId: number): string;
  /**
   * Records the answer and returns the chat it belongs to.
   * @throws {ApiError} when the query is unknown or already answered.
   */
  answer(queryId: string, answer: CallbackAnswer): number;
  /** Null until it is answered. */
  answerOf(queryId: string): CallbackAnswer | null;
}

export function createCallbackQueries(firstId: number): CallbackQueries {
  const queries = new Map<string, { chatId: number; answer: CallbackAnswer | null }>();
  let nextId = firstId;
  return {
    open(chatId) {
      const id = String(nextId++);
      queries.set(id, { chatId, answer: null });
      return id;
    },
    answer(queryId, answer) {
      const query = queries.get(queryId);
      if (!query || query.answer)
        throw badRequest('query is too old and response timeout expired or query ID is invalid');
      query.answer = answer;
      return query.chatId;
    },
    answerOf: (queryId) => queries.get(queryId)?.answer ?? null,
  };
}
