import { type CardMessage, findCard, forgetCard, markCardShown } from '../db/cards.ts';
import type { Database } from '../db/database.ts';
import { User } from '../db/entities.ts';
import { isDatabaseAway } from '../db/errors.ts';
import { findRow } from '../db/rows.ts';
import { isConfirmed } from '../domain/bookings.ts';
import type { TelegramMessage } from '../messages/message.ts';
import type { BotTools } from './bot.ts';
import { type CardDrawing, drawingOf, shownCard } from './card-drawing.ts';
import type { Held } from './held.ts';
import { renderView } from './view-renderers.ts';

/** Brings one message after another up to date, each in its chat's turn, with the booking as it stands when the turn comes. */
export interface CardKeeper {
  /** Edits it to what it should show now. */
  refresh(message: CardMessage): Promise<void>;
  /** Edits it once more, takes its buttons away, and forgets it. */
  retire(message: CardMessage): Promise<void>;
}

export function createCardKeeper(deps: { database: Database; clock: () => Date; held: Held } & BotTools): CardKeeper {
  const { database, clock, held, chatQueue, responder } = deps;

  const forget = (message: CardMessage): Promise<void> => database.write((tx) => forgetCard(tx, message));

  /** False when the holding ended before. */
  const show = ({ chat_id, message_id }: CardMessage, content: TelegramMessage): Promise<boolean> =>
    responder.perform({ kind: 'edit', chat_id, message_id, ...content }, held);

  async function refreshNow(message: CardMessage): Promise<void> {
    const row = await findCard(database.read(), message);
    if (!row?.stale) return;
    const drawn = await draw(row);
    if (!drawn) return await forget(message);
    const { state } = drawn.drawing.facts;
    if (!(await show(message, drawn.content))) return;
    // A chat that refused it is marked by now.
    const user = await findRow(database.read(), User, { id: row.user_id });
    if (user?.telegram_unreachable !== null) return await forget(message);
    await database.write((tx) =>
      markCardShown(tx, { id: row.id, version: state.version, is_confirmed: isConfirmed(state) }),
    );
  }

  async function retireNow(message: CardMessage): Promise<void> {
    const row = await findCard(database.read(), message);
    if (!row) return;
    const drawn = await draw(row);
    const hasButtons = drawn && drawn.content.keyboard.length > 0;
    if (hasButtons && !(await show(message, { ...drawn.content, keyboard: [] }))) return;
    await forget(message);
  }

  /** What the message should show; null where nothing can be shown any more, or nobody would see it. */
  async function draw(
    row: Parameters<typeof shownCard>[0],
  ): Promise<{ drawing: CardDrawing; content: TelegramMessage } | null> {
    const card = shownCard(row);
    const drawing = await drawingOf(database.read(), card, clock());
    if (!drawing || drawing.facts.user.telegram_unreachable !== null) return null;
    const view = card.view.kind === 'notification' ? card.view : ({ kind: 'notification' } as const);
    return { drawing, content: await renderView(drawing, view) };
  }

  /** What fails otherwise than by an outage would fail again. @throws when the database is away. */
  const inTurn = (work: (message: CardMessage) => Promise<void>) => (message: CardMessage) =>
    chatQueue.run(message.chat_id, async () => {
      try {
        if (!held.ending.aborted) await work(message);
      } catch (error) {
        if (!isDatabaseAway(error)) await forget(message);
        throw error;
      }
    });

  return { refresh: inTurn(refreshNow), retire: inTurn(retireNow) };
}
