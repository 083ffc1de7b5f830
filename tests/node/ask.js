// Does with a client of others what stdin says, a JSON object {client, settings, steps: [[method, ...arguments], ...]},
// and writes what came of each step: [{value: ...} or {error: {code, words, parameters}}, ...].
"use strict";

// Addresses need no look-up; whoever looks a name up is about to ask another machine.
require("node:dns").lookup = (name) => {
  throw new Error(`another machine was asked for: ${name}`);
};

const CLIENTS = {
  "co-wechat-api": ({ root, app_id, secret }) => {
    const Api = require("co-wechat-api");
    const api = new Api(app_id, secret);
    api.prefix = `${root}/cgi-bin/`;
    return api;
  },
  "wechat-crypto": ({ token, aes_key, id }) => {
    const Crypt = require("wechat-crypto");
    return new Crypt(token, aes_key, id);
  },
  "@wecom/crypto": () => require("@wecom/crypto"),
  grammy: ({ root, token }) => {
    const { Api } = require("grammy");
    return new Api(token, { apiRoot: root });
  },
  "grammy bot": ({ root, token }) => ({ serve: (updates) => serve(root, token, updates) }),
};

// A bot that polls until it has handled so many updates; gives what it understood of each.
async function serve(root, token, updates) {
  const { Bot, InlineKeyboard } = require("grammy");
  const bot = new Bot(token, { client: { apiRoot: root } });
  const heard = [];
  bot.use(async (turn, next) => {
    await next();
    if (heard.length >= updates) bot.stop();
  });
  bot.command("start", (turn) => heard.push(["start", turn.match]));
  bot.on("message:text", async (turn) => {
    heard.push(["text", turn.message.text]);
    await turn.reply(turn.message.text, { reply_markup: new InlineKeyboard().text("Yes", "y") });
  });
  bot.on("callback_query:data", async (turn) => {
    heard.push(["data", turn.callbackQuery.data]);
    await turn.answerCallbackQuery();
    await turn.editMessageText("chosen");
  });
  bot.on("message:contact", (turn) => heard.push(["contact", turn.message.contact.user_id === turn.from.id]));
  bot.on("edited_message:text", (turn) => heard.push(["edited", turn.editedMessage.text]));
  bot.on("message:photo", (turn) => heard.push(["photo", turn.message.photo.length]));
  bot.on("my_chat_member", (turn) => heard.push(["member", turn.myChatMember.new_chat_member.status]));
  await bot.start({ timeout: 1, allowed_updates: ["message", "edited_message", "callback_query", "my_chat_member"] });
  return heard;
}

async function did(client, [method, ...given]) {
  try {
    return { value: await client[method](...given) };
  } catch (error) {
    const words = error.description ?? error.message;
    return { error: { code: error.error_code ?? error.code ?? 0, words, parameters: error.parameters ?? {} } };
  }
}

async function main() {
  let text = "";
  for await (const part of process.stdin) text += part;
  const { client, settings, steps } = JSON.parse(text);
  const made = CLIENTS[client](settings);
  const told = [];
  for (const step of steps) told.push(await did(made, step));
  process.stdout.write(JSON.stringify(told), () => process.exit(0));
}

main();
