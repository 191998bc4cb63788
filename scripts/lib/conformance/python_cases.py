"""Cases of confluent-kafka for Python (librdkafka). usage: python_cases.py HOST:PORT"""
import os
import sys
import time
import uuid

from confluent_kafka import Consumer, Producer, TopicPartition, OFFSET_BEGINNING, OFFSET_END
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic

BOOTSTRAP = sys.argv[1]
NODES = int(os.environ.get("MILLRACE_CASE_NODES", "1"))
KILLS = bool(os.environ.get("MILLRACE_CASE_KILLS"))  # nodes are killed meanwhile
PATIENCE_S = int(os.environ.get("MILLRACE_CASE_PATIENCE_S", "20"))
ONCE = {"enable.idempotence": True} if KILLS else {}  # only then is each record stored once
ADMIN = AdminClient({"bootstrap.servers": BOOTSTRAP})


def check(holds, what):
    if not holds:
        raise AssertionError(what)


def wait(futures):
    for future in futures.values():
        future.result(PATIENCE_S)


def persistently(ask, done="never", refused="never"):
    """Asks again where the node that was asked is killed: this client does not.

    A request whose answer was lost is refused with the error done when it is made again; refused is an answer too.
    """
    end, again = time.time() + PATIENCE_S, False
    while True:
        try:
            return ask()
        except Exception as e:
            if again and done in str(e):
                return None
            if not KILLS or refused in str(e) or time.time() > end:
                raise
            again = True
            time.sleep(0.2)


def until(condition, what):
    """Waits for what a real Kafka's broker, or another node, learns of a moment later."""
    end = time.time() + PATIENCE_S
    while not condition():
        check(time.time() < end, what)
        time.sleep(0.1)


def make(name, partitions=1):
    persistently(lambda: wait(ADMIN.create_topics([NewTopic(name, partitions, NODES)])), done="TOPIC_ALREADY_EXISTS")


def topics(*name):
    return persistently(lambda: ADMIN.list_topics(*name, timeout=10).topics)


def end_of(source, where):
    return persistently(lambda: source.get_watermark_offsets(where, timeout=10))[1]


def commit(source, where):
    persistently(lambda: source.commit(offsets=[where], asynchronous=False))


def committed_of(source, name):
    return persistently(lambda: source.committed([TopicPartition(name, 0)], timeout=10))[0].offset


def send(name, count, headers=None, times=None, **settings):
    errors = []
    producer = Producer({"bootstrap.servers": BOOTSTRAP, "linger.ms": 20, **ONCE, **{k.replace("_", "."): v for k, v in settings.items()}})
    for i in range(count):
        producer.produce(name, key=f"k{i}", value=f"v{i}", headers=headers, timestamp=times[i] if times else 0, on_delivery=lambda e, m: errors.append(e) if e else None)
    check(producer.flush(PATIENCE_S) == 0, "records are left")
    check(not errors, str(errors))


def consumer(group, **settings):
    return Consumer({"bootstrap.servers": BOOTSTRAP, "group.id": group, "auto.offset.reset": "earliest", "enable.auto.commit": False,
                     "session.timeout.ms": 6000, "heartbeat.interval.ms": 500, **{k.replace("_", "."): v for k, v in settings.items()}})


def read(source, count):
    records, end = [], time.time() + PATIENCE_S
    while len(records) < count and time.time() < end:
        record = source.poll(0.2)
        if record is not None:
            check(record.error() is None, str(record.error()))
            records.append(record)
    check(len(records) == count, f"expected {count} records, got {len(records)}")
    return records


def create(name):
    make(name, 3)
    check(len(topics(name)[name].partitions) == 3, "partitions")
    try:
        persistently(lambda: wait(ADMIN.create_topics([NewTopic(name, 1, NODES)])), refused="TOPIC_ALREADY_EXISTS")
        raise AssertionError("a topic was made twice")
    except Exception as e:
        check("TOPIC_ALREADY_EXISTS" in str(e), str(e))


def describe(name):
    make(name)
    until(lambda: topics(name)[name].partitions, "no partitions")
    partition = topics(name)[name].partitions[0]
    check(1 <= partition.leader <= NODES, f"leader: {partition.leader}")
    check(NODES - KILLS <= len(partition.isrs) <= len(partition.replicas) == NODES, f"in-sync replicas: {partition.isrs}")


def codec(kind):
    def produce(name):
        make(name)
        send(name, 300, headers=[("h", b"x")], compression_type=kind)
        source = consumer(name)
        source.subscribe([name])
        records = read(source, 300)
        check([r.value().decode() for r in records] == [f"v{i}" for i in range(300)], "values")
        check(records[7].headers() == [("h", b"x")] and records[7].key() == b"k7", "key and headers")
        source.close()
    return produce


def positions(name):
    make(name)
    send(name, 20)
    source = consumer(name)
    source.assign([TopicPartition(name, 0, OFFSET_BEGINNING)])
    read(source, 20)
    check(persistently(lambda: source.get_watermark_offsets(TopicPartition(name, 0), timeout=10)) == (0, 20), "watermarks")
    source.close()


def at_end(name):
    make(name)
    send(name, 10)
    source = consumer(name)
    source.assign([TopicPartition(name, 0, OFFSET_END)])
    end, first = time.time() + PATIENCE_S, None
    while first is None and time.time() < end:  # the end is looked up in the background
        send(name, 1)
        first = source.poll(0.3)
    check(first is not None and first.offset() >= 10, "the first record read is none from past the end")
    source.close()


def lag(name):
    make(name)
    send(name, 20)
    source = consumer(name)
    where = TopicPartition(name, 0, 5)
    commit(source, where)
    lag = end_of(source, where) - committed_of(source, name)
    check(lag == 15, f"lag: {lag}")
    source.close()


def timestamps(name):
    make(name)
    base = int(time.time() * 1000) - 100000
    send(name, 30, times=[base + i * 10 for i in range(30)])
    source = consumer(name)
    found = persistently(lambda: source.offsets_for_times([TopicPartition(name, 0, base + 105)], timeout=10))
    check(found[0].offset == 11, f"offset at a time: {found[0].offset}")
    source.assign(found)
    check(read(source, 19)[0].value() == b"v11", "first value after a time")
    source.close()


def share(first, second, each):
    first.poll(0.1)
    second.poll(0.1)
    return len(first.assignment()) == len(second.assignment()) == each


def rebalance(name):
    make(name, 4)
    send(name, 40)
    first, second = consumer(name), consumer(name)
    first.subscribe([name])
    read(first, 40)
    second.subscribe([name])
    until(lambda: share(first, second, 2), "two members do not share the partitions")
    first.close()
    second.close()


def cooperative(name):
    make(name, 2)
    send(name, 10)
    first, second = [consumer(name, partition_assignment_strategy="cooperative-sticky") for _ in range(2)]
    first.subscribe([name])
    read(first, 10)
    second.subscribe([name])
    until(lambda: share(first, second, 1), "two members do not share the partitions")
    first.close()
    second.close()


def resume(name):
    make(name)
    send(name, 20)
    source = consumer(name)
    source.subscribe([name])
    read(source, 20)
    commit(source, TopicPartition(name, 0, 12))
    source.close()
    again = consumer(name)
    again.subscribe([name])
    check(read(again, 8)[0].offset() == 12, "first offset after the commit")
    check(committed_of(again, name) == 12, "committed")
    again.close()


def idempotent(name):
    make(name)
    send(name, 1000, enable_idempotence=True)
    source = consumer(name)
    check(end_of(source, TopicPartition(name, 0)) == 1000, "end")
    source.close()


def begun(name):
    producer = Producer({"bootstrap.servers": BOOTSTRAP, "transactional.id": name})
    producer.init_transactions(PATIENCE_S)
    producer.begin_transaction()
    return producer


def committed(name, count):
    source = consumer(name + "-reader", isolation_level="read_committed")
    source.assign([TopicPartition(name, 0, OFFSET_BEGINNING)])
    values = [record.value().decode() for record in read(source, count)]
    check(source.poll(0.5) is None, "more than was committed is seen")
    source.close()
    return values


def transactions(name):
    make(name)
    producer = begun(name)
    for value in ("never", "ever"):
        producer.produce(name, value=value)
    producer.flush(PATIENCE_S)
    producer.abort_transaction(PATIENCE_S)
    producer.begin_transaction()
    producer.produce(name, value="kept")
    producer.commit_transaction(PATIENCE_S)
    check(committed(name, 1) == ["kept"], "not what was committed")


def transactional_offsets(name):
    make(name)
    send(name, 5)
    source = consumer(name)
    source.subscribe([name])
    read(source, 5)
    producer = begun(name)
    producer.send_offsets_to_transaction([TopicPartition(name, 0, 5)], source.consumer_group_metadata(), PATIENCE_S)
    producer.commit_transaction(PATIENCE_S)
    check(committed_of(source, name) == 5, "committed")
    source.close()


def fencing(name):
    make(name)
    old = begun(name)
    old.produce(name, value="old")
    old.flush(PATIENCE_S)
    young = begun(name)
    young.produce(name, value="young")
    young.commit_transaction(PATIENCE_S)
    try:
        old.commit_transaction(PATIENCE_S)
    except Exception:
        check(committed(name, 1) == ["young"], "not what was committed")
        return
    raise AssertionError("a fenced producer committed")


def retention_of(name):
    asked = [ConfigResource("topic", name)]
    return persistently(lambda: list(ADMIN.describe_configs(asked).values())[0].result(10))["retention.ms"].value


def admin(name):
    make(name)
    persistently(lambda: wait(ADMIN.create_partitions([NewPartitions(name, 3)])), done="INVALID_PARTITIONS")
    persistently(lambda: wait(ADMIN.alter_configs([ConfigResource("topic", name, set_config={"retention.ms": "777000"})])))
    until(lambda: retention_of(name) == "777000", "retention.ms")
    until(lambda: len(topics(name)[name].partitions) == 3, "partitions")


def delete(name):
    make(name)
    persistently(lambda: wait(ADMIN.delete_topics([name])), done="UNKNOWN_TOPIC_OR_PART")
    until(lambda: name not in topics(), "a deleted topic is still listed")


CASES = {"create": create, "describe": describe, "consume-beginning": positions, "consume-end": at_end, "consume-timestamp": timestamps,
         "rebalance": rebalance, "rebalance-cooperative": cooperative, "commit-resume": resume, "lag": lag, "idempotent": idempotent,
         "configs": admin, "txn": transactions, "txn-offsets": transactional_offsets, "txn-fencing": fencing, "delete": delete}
CASES.update({f"produce-{kind}": codec(kind) for kind in ("none", "gzip", "snappy", "lz4", "zstd")})

failed = False
for case, body in CASES.items():
    try:
        body(f"py-{case}-{uuid.uuid4().hex[:8]}")
        print("PASS", case, flush=True)
    except Exception as e:
        failed = True
        print("FAIL", case + ":", e, flush=True)
print("DONE", flush=True)
sys.exit(failed)
