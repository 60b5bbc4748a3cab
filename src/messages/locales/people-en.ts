import type { peopleRu } from './people-ru.ts';

type EnglishKey = Exclude<keyof typeof peopleRu, `${string}_few` | `${string}_many`>;

export const peopleEn: Record<EnglishKey, string> = {
  'role.client': 'client',
  'role.specialist': 'specialist',
  'role.admin': 'administrator',

  'bot.linked': '✅ Hello, {{name}}! This chat now gets notifications from {{company}}.',
  'bot.promise_client': 'I’ll tell you about new bookings, changes and cancellations, and remind you of your visits.',
  'bot.promise_specialist': 'I’ll tell you about new bookings with you, changes and cancellations.',
  'bot.promise_admin':
    'I’ll tell you about every new booking, change and cancellation. To get them in a group instead, add me to it and send /link there.',
  'bot.promise_group':
    'Notifications for administrators currently go to the group “{{group}}”; here you have the commands and your own bookings.',
  'bot.already_linked': '✅ This chat already gets notifications from {{company}}.',
  'bot.more': 'What else I can do: /help',
  'bot.link_expired': 'This link has expired. Please ask for a new one where you got it.',
  'bot.link_used':
    'This link has already been used by another Telegram account. Please ask for a new one where you got it.',
  'bot.link_invalid':
    'This link doesn’t work: part of it may be missing. Please open the whole link again, or ask for a new one.',
  'bot.link_gone': 'This link is no longer valid. Please ask the company that sent it for a new one.',
  'bot.link_in_group': 'To connect, please open the link in a private chat with me.',
  'bot.welcome_back': '👋 Welcome back, {{name}}! Notifications are on.',
  'bot.stranger':
    '👋 Hello! I send notifications about bookings: confirmations, changes, cancellations and reminders.\n\nWe haven’t met yet. Open the personal link from the company you book with or work for, and this chat will be connected. If you don’t have one, ask an administrator there.',
  'bot.pointer': 'I understand commands and the buttons under my messages. What I can do: /help',
  'bot.pointer_stopped': 'Notifications are off at the moment. To turn them on: /start. What else I can do: /help',
  'bot.stopped':
    '🔕 All right, I won’t write any more. If you’ve turned on notifications in your browser, they’ll go there.\n\nYou can come back any time: just send /start.',
  'bot.private_only': 'This command works in a private chat with me.',
  'bot.unavailable': 'This is no longer available',

  'bot.help_client':
    'I send you notifications about your bookings. With the button under a message you can move or cancel the booking.\n\n/bookings — upcoming bookings\n/settings — language, ads and quiet hours\n/stop_ads — no more ads\n/stop — turn notifications off\n/start — turn them on again',
  'bot.help_specialist':
    'I tell you about bookings with you. With the button under a message you can move or cancel the booking.\n\n/today — today’s bookings\n/bookings — upcoming bookings\n/settings — language, ads and quiet hours\n/stop_ads — no more ads\n/stop — turn notifications off\n/start — turn them on again',
  'bot.help_admin':
    'I tell you about all of the company’s bookings. With the buttons under a message you can move or cancel the booking.\n\n/today — today’s bookings\n/bookings — upcoming bookings\n/settings — language, ads and quiet hours\n/stop_ads — no more ads\n/stop — turn notifications off\n/start — turn them on again\n\nNotifications can go to a group of administrators: add me to it and send /link there. To disconnect the group: /unlink.',
  'bot.help_group':
    'Notifications for a company’s administrators can come here.\n\n/link — connect this group\n/unlink — disconnect it',

  'command.bookings': 'Upcoming bookings',
  'command.today': 'Today’s bookings',
  'command.settings': 'Language, ads and quiet hours',
  'command.stop_ads': 'No more ads',
  'command.help': 'What I can do',
  'command.stop': 'Turn notifications off',
  'command.link': 'Connect this group to notifications',
  'command.unlink': 'Disconnect this group from notifications',

  'bot.settings': '⚙️ Settings',
  'bot.settings_choose': 'For which company?',
  'bot.settings_language': '🌐 Language: English',
  'bot.settings_ads_on': '📣 Ads: on',
  'bot.settings_ads_off': '📣 Ads: off',
  'bot.quiet_broadcasts_on': '🌙 No ads from {{from}} to {{to}}',
  'bot.quiet_broadcasts_off': '🌙 Ads at any time',
  'bot.quiet_messages_on': '🔕 Booking messages silent from {{from}} to {{to}}',
  'bot.quiet_messages_off': '🔔 Booking messages always with sound',
  'bot.quiet_broadcasts_meaning': 'During quiet hours ads wait until they are over.',
  'bot.quiet_messages_meaning':
    'During quiet hours booking messages still come at once, but without a sound. A reminder that would fall into them comes before.',
  'bot.quiet_zone': 'Time zone: {{zone}}',
  'bot.button_quiet_broadcasts': '🌙 Quiet hours for ads',
  'bot.button_quiet_messages': '🔕 Quiet hours for bookings',
  'bot.button_quiet_off': 'No quiet hours',
  'bot.button_back_to_settings': '⬅️ Back to settings',
  'bot.button_other_language': '🌐 Русский',
  'bot.button_ads_on': '📣 Turn ads on',
  'bot.button_ads_off': '🔕 Turn ads off',
  'bot.button_all_companies': '⬅️ All companies',
  'bot.saved': 'Saved',

  'bot.ads_choose': '🔕 Which company should stop sending you ads?',
  'bot.ads_stopped':
    '🔕 All right, no more ads. You’ll still hear about your bookings.\n\nChanged your mind? Use the button below or /settings.',
  'bot.ads_resumed': '🔔 You’ll get ads again. To stop them: /stop_ads',
  'bot.button_company_without_ads': '🏢 {{name}} · no ads',
  'bot.button_ads_of_all': '🔕 All of them',
  'bot.company_ads_stopped': '{{company}} won’t send you ads any more',
  'bot.company_ads_resumed': '{{company}} will send you ads again',

  'bot.bookings_one': '📋 {{count}} upcoming booking',
  'bot.bookings_other': '📋 {{count}} upcoming bookings',
  'bot.bookings_first': '📋 Upcoming bookings, the first {{most}}',
  'bot.bookings_none': '📋 No upcoming bookings yet. New ones will appear here.',
  'bot.today_one': '🗓 Today, {{date}}: {{count}} booking',
  'bot.today_other': '🗓 Today, {{date}}: {{count}} bookings',
  'bot.today_first': '🗓 Today, {{date}}: the first {{most}} bookings',
  'bot.today_none': '🗓 No bookings today, {{date}}. Have a good day!',
  'bot.today_staff_only': 'The day’s schedule is for specialists and administrators. Your bookings: /bookings',
  'bot.page': 'Page {{page}} of {{pages}}',
  'bot.button_earlier': '⬅️ Earlier',
  'bot.button_later': 'Later ➡️',

  'bot.group_hello':
    '👋 Hello! Notifications about bookings can come here. To connect this group, an administrator of the company sends /link.',
  'bot.group_linked':
    '✅ Notifications for the administrators of {{company}} now come to this group instead of their private chats.\n\nAll members can see them, and they contain clients’ names and phone numbers. To disconnect: /unlink',
  'bot.group_linked_already': '✅ This group is already connected to {{company}}. To disconnect: /unlink',
  'bot.group_choose_link': 'Which company should this group be connected to?',
  'bot.group_choose_unlink': 'Which company should this group be disconnected from?',
  'bot.group_unlinked': '✅ This group is no longer connected to {{company}}.',
  'bot.group_not_linked': 'This group isn’t connected to any company. To connect it: /link',
  'bot.group_admins_only':
    'Only an administrator of the company can connect or disconnect the group. If that’s you, please open your link in a private chat with me first.',
  'bot.group_anonymous':
    'I can’t tell who you are: the message was sent on behalf of a group or a channel. Please send the command as yourself.',
  'bot.group_only': 'This command works in a group: add me to your administrators’ group and send it there.',
  'bot.admins_only': 'Only an administrator of the company can do this',
};
