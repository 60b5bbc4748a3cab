/**
 * The texts in Russian, which is the default and sets the keys. A suffix `_client`, `_admin` or `_specialist` is for
 * a change made in that role; the key without it is for the back end's own and the scheduler's.
 */
export const ru = {
  'staff.created': '📅 Новая запись #{{id}}',
  'staff.cancelled': '❌ Запись #{{id}} отменена',
  'staff.cancelled_client': '❌ Запись #{{id}} отменена клиентом',
  'staff.cancelled_admin': '❌ Запись #{{id}} отменена администратором',
  'staff.cancelled_specialist': '❌ Запись #{{id}} отменена специалистом',
  'staff.moved': '🔄 Запись #{{id}} перенесена',
  'staff.moved_client': '🔄 Запись #{{id}} перенесена клиентом',
  'staff.moved_admin': '🔄 Запись #{{id}} перенесена администратором',
  'staff.moved_specialist': '🔄 Запись #{{id}} перенесена специалистом',
  'staff.changed': '🔄 Запись #{{id}} изменена',
  'staff.changed_client': '🔄 Запись #{{id}} изменена клиентом',
  'staff.changed_admin': '🔄 Запись #{{id}} изменена администратором',
  'staff.changed_specialist': '🔄 Запись #{{id}} изменена специалистом',
  'staff.reminder': '⏰ Напоминаем о записи #{{id}}',
  'specialist.received': '🔄 Запись #{{id}} передана вам',
  'specialist.lost': '🔄 Запись #{{id}} передана другому специалисту',

  'client.created': '📅 У вас новая запись',
  'client.created_client': '✅ Вы записаны!',
  'client.created_admin': '📅 Мы вас записали',
  'client.created_specialist': '📅 Мы вас записали',
  'client.cancelled': '❌ Ваша запись отменена',
  'client.cancelled_client': '❌ Вы отменили запись',
  'client.moved': '🔄 Ваша запись перенесена',
  'client.moved_client': '🔄 Вы перенесли запись',
  'client.changed': '🔄 Ваша запись изменена',
  'client.changed_client': '🔄 Вы изменили запись',
  'client.reminder': '⏰ Напоминаем о вашей записи',
  'client.see_you': 'Ждём вас!',
  'client.another_time': 'Будем рады видеть вас в другой раз.',

  'fact.client': '👤 {{name}}',
  'fact.phone': '📞 {{phone}}',
  'fact.location': '📍 {{name}}',
  'fact.location_new': '📍 {{name}} (новое место)',
  'fact.service': '💇 {{name}} · {{minutes}} мин',
  'fact.service_new': '💇 {{name}} · {{minutes}} мин (другая услуга)',
  'fact.service_resized': '💇 {{name}} · {{before}} → {{minutes}} мин',
  'fact.time': '🕐 {{time}}',
  'fact.time_moved': '🕐 {{before}} → {{time}}',
  'fact.specialist': '👨‍💼 {{name}}',
  'fact.specialist_new': '👨‍💼 {{name}} (новый специалист)',

  'button.edit': '✏️ Редактировать',
  'button.hide': '🙈 Скрыть',
};

export type TextKey = keyof typeof ru;
