// Cases of @platformatic/kafka. usage: node platformatic-cases.mjs HOST:PORT FOLDER   (FOLDER has its node_modules)
import { randomUUID } from 'node:crypto'
import * as zlib from 'node:zlib'
import { setTimeout as sleep } from 'node:timers/promises'

const [, , brokers, folder] = process.argv
const { Admin, Consumer, Producer, stringSerializers, stringDeserializers } = await import(`${folder}/node_modules/@platformatic/kafka/dist/index.js`)
const zstd = 'zstdCompressSync' in zlib
const nodes = Number(process.env.MILLRACE_CASE_NODES || 1)
const kills = Boolean(process.env.MILLRACE_CASE_KILLS) // nodes are killed meanwhile; then only an idempotent producer stores each record once
const patienceMs = Number(process.env.MILLRACE_CASE_PATIENCE_S || 20) * 1000
const common = { clientId: 'conformance', bootstrapBrokers: brokers.split(','), ...(kills ? { retries: 120, retryDelay: 250 } : {}) }
// What this client asks of every node is given up where one of them is killed, so it is asked again for a while; and
// so are members who stayed with a coordinator that was, or found no node of the number that they had read from.
const isOfKill = e => e.code === 'PLT_KFK_NETWORK' || /^Cannot find broker/.test(e.message) || (e.errors ?? []).some(isOfKill) || (e.cause && isOfKill(e.cause))
async function persistently (ask) {
  for (const end = Date.now() + (kills ? patienceMs : 0); ; await sleep(200)) {
    try { return await ask() } catch (e) { if (!isOfKill(e) || Date.now() > end) throw e }
  }
}
const admin = new Admin(common)
const check = (holds, what) => { if (!holds) throw new Error(what) }
async function until (condition, what, ms = patienceMs) {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(50)) if (await condition()) return
  throw new Error(what)
}

async function make (name, partitions = 1) {
  const made = await admin.createTopics({ topics: [name], partitions, replicas: nodes })
  // A real Kafka's brokers learn of it a moment later.
  await until(() => admin.metadata({ topics: [name], forceUpdate: true }).then(it => it.topics.get(name).partitionsCount === partitions, () => false), 'a topic that was made is unknown')
  return made
}
async function send (topic, count, options = {}) {
  const producer = new Producer({ ...common, serializers: stringSerializers, ...(kills ? { idempotent: true } : {}), ...options.producer })
  const messages = Array.from({ length: count }, (_, i) => ({ topic, key: `k${i}`, value: `v${i}`, headers: { h: 'x' } }))
  await producer.send({ messages, acks: -1, ...options.send })
  await producer.close()
}
async function member (groupId, topic, seen, options = {}) {
  let consumer, stream
  const start = () => persistently(async () => {
    consumer = new Consumer({ ...common, ...(kills ? { retries: 40 } : {}), groupId, deserializers: stringDeserializers, sessionTimeout: 6000, heartbeatInterval: 500, rebalanceTimeout: 10000, maxWaitTime: 300 })
    const begun = consumer
    try { stream = await consumer.consume({ topics: [topic], mode: 'committed', fallbackMode: 'earliest', autocommit: false, ...options }) } catch (e) { await begun.close(true).catch(() => {}); throw e }
    stream.on('data', message => { if (begun === consumer) seen.push(message) })
    if (kills) stream.on('error', e => replace(begun, e).catch(console.error))
  })
  // Another takes the place of one that a kill has ended, and reads from the beginning what was not committed.
  const replace = async (ended, e) => {
    if (!isOfKill(e) || ended !== consumer) return
    seen.length = 0
    await ended.close(true).catch(() => {})
    await start()
  }
  await start()
  const close = async () => {
    const last = consumer
    consumer = undefined
    try { await stream.close(); await last.close(true) } catch (e) { if (!kills || !isOfKill(e)) throw e }
  }
  return { close, owns: () => (consumer?.assignments ?? []).flatMap(each => each.partitions) }
}
async function read (topic, count, options = {}, groupId = topic) {
  const seen = []
  const reader = await member(groupId, topic, seen, options)
  await until(() => seen.length >= count, `expected ${count} records, got ${seen.length}`)
  await reader.close()
  return seen
}
const codec = compression => async name => {
  await make(name)
  await send(name, 300, { send: { compression } })
  const seen = await read(name, 300)
  check(seen.every((m, i) => m.offset === BigInt(i) && m.key === `k${i}` && m.value === `v${i}` && m.headers.get('h') === 'x'), 'keys, values and headers')
}
const end = async (topic, timestamp = -1n) => (await admin.listOffsets({ topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp }] }] }))[0].partitions[0].offset

const cases = {
  async create (name) {
    const [topic] = await make(name, 3)
    check(topic.partitions === 3, 'partitions')
    check(await make(name).then(() => false, () => true), 'created twice')
  },
  async describe (name) {
    await make(name, 2)
    const { topics } = await admin.metadata({ topics: [name] })
    check(topics.get(name).partitionsCount === 2 && Object.values(topics.get(name).partitions).every(p => p.leader >= 1 && p.leader <= nodes && p.replicas.length === nodes), 'partitions and leader')
  },
  'produce-none': codec('none'),
  'produce-gzip': codec('gzip'),
  'produce-snappy': codec('snappy'),
  'produce-lz4': codec('lz4'),
  ...(zstd ? { 'produce-zstd': codec('zstd') } : {}),
  async 'consume-beginning' (name) { await make(name, 3); await send(name, 60); check(new Set((await read(name, 60, { mode: 'earliest' })).map(m => m.value)).size === 60, 'values') },
  async 'consume-end' (name) {
    await make(name); await send(name, 10)
    const seen = []
    const reader = await member(name, name, seen, { mode: 'latest' })
    for (let i = 0; i < 40 && seen.length === 0; i++) { await send(name, 1); await sleep(200) } // the end is looked up in the background
    await reader.close()
    check(seen[0]?.offset >= 10n, 'the first record read is none from past the end')
  },
  async 'consume-timestamp' (name) {
    await make(name); await send(name, 5); await sleep(50)
    const between = BigInt(Date.now())
    await sleep(50); await send(name, 5)
    const offset = await end(name, between)
    check(offset === 5n, `offset at a time: ${offset}`)
    check((await read(name, 5, { mode: 'manual', offsets: [{ topic: name, partition: 0, offset }] }))[0].offset === 5n, 'first offset after a time')
  },
  async rebalance (name) {
    await make(name, 4); await send(name, 40)
    const one = []; const two = []
    const first = await member(name, name, one)
    // At least once: its producer sends the whole batch again if one partition's leader is not ready yet.
    const distinct = () => new Set(one.map(m => m.value)).size
    await until(() => distinct() === 40 && first.owns().length === 4, 'not all is read by the only member')
    const second = await member(name, name, two)
    await until(() => first.owns().length === 2 && second.owns().length === 2, 'two members do not share the partitions')
    check(new Set([...first.owns(), ...second.owns()]).size === 4, 'a partition is owned twice')
    await second.close()
    await until(() => first.owns().length === 4, 'the partitions of a member that left are not taken over')
    await first.close()
  },
  async 'commit-resume' (name) {
    await make(name); await send(name, 20)
    const seen = []
    const reader = await member(name, name, seen)
    await until(() => seen.length === 20, 'not all is read')
    await seen[11].commit()
    await reader.close()
    check((await read(name, 8))[0].offset === 12n, 'first offset after the commit')
  },
  async lag (name) {
    await make(name); await send(name, 20)
    await admin.alterConsumerGroupOffsets({ groupId: name, topics: [{ name, partitionOffsets: [{ partition: 0, offset: 5n }] }] })
    const [group] = await admin.listConsumerGroupOffsets({ groups: [name] })
    const lag = await end(name) - group.topics[0].partitions[0].committedOffset
    check(lag === 15n, `lag: ${lag}`)
  },
  async delete (name) {
    await make(name)
    await admin.deleteTopics({ topics: [name] })
    await until(async () => !(await admin.listTopics()).includes(name), 'still listed')
  },
  async 'list-offsets' (name) { await make(name); await send(name, 5); check(await end(name) === 5n && await end(name, -2n) === 0n, 'offsets') },
  async idempotent (name) { await make(name); await send(name, 100, { producer: { idempotent: true } }); check(await end(name) === 100n, 'end') },
  async groups (name) {
    await make(name); await send(name, 3); await read(name, 3)
    check((await persistently(() => admin.listGroups())).has(name), 'not listed')
    await until(async () => (await admin.describeGroups({ groups: [name] })).get(name).state === 'EMPTY', 'not empty')
    await admin.deleteGroups({ groups: [name] })
  },
}

let failed = 0
for (const [name, body] of Object.entries(cases)) {
  try {
    const late = sleep(3 * patienceMs, null, { ref: false }).then(() => { throw new Error('not done in time') })
    await Promise.race([body(`platformatic-${name}-${randomUUID().slice(0, 8)}`), late])
    console.log('PASS', name)
  } catch (e) { failed = 1; console.log(`FAIL ${name}: ${String(e.message).replaceAll('\n', ' ')} ${e.errors?.map(each => each.message) ?? ''}`) }
}
if (!zstd) console.log('NONE produce-zstd: Node.js has it from 22.15 on')
console.log('DONE')
process.exit(failed)
