"""Cases of kafka-python, which speaks the protocol in Python alone. usage: kafka_python_cases.py HOST:PORT"""
import os
import sys
import threading
import time
import uuid

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic
from kafka.structs import OffsetAndMetadata

BOOTSTRAP = sys.argv[1]
NODES = int(os.environ.get("MILLRACE_CASE_NODES", "1"))
KILLS = bool(os.environ.get("MILLRACE_CASE_KILLS"))  # nodes are killed meanwhile
PATIENCE_S = int(os.environ.get("MILLRACE_CASE_PATIENCE_S", "25"))
# Its producer does not try again unless told to, and then stores a record twice where an answer is lost.
PERSISTENT = {"retries": 100, "max_in_flight_requests_per_connection": 1} if KILLS else {}


def check(holds, what):
    if not holds:
        raise AssertionError(what)


class Admin:
    """The client of this library stays with the node that it has found; where nodes are killed, a new one is asked again."""

    def __getattr__(self, request):
        def ask(*arguments):
            end = time.time() + PATIENCE_S
            while True:
                try:
                    client = KafkaAdminClient(bootstrap_servers=BOOTSTRAP)
                    try:
                        return getattr(client, request)(*arguments)
                    finally:
                        client.close()
                except Exception as e:
                    if not KILLS or "TopicAlreadyExists" in str(e) or time.time() > end:
                        raise
                    time.sleep(0.2)
        return ask


ADMIN = Admin() if KILLS else KafkaAdminClient(bootstrap_servers=BOOTSTRAP)


def make(name, partitions=1):
    try:
        ADMIN.create_topics([NewTopic(name, partitions, NODES)])
    except Exception as e:
        if not KILLS or "TopicAlreadyExists" not in str(e):  # made by a request whose answer was lost
            raise


def send(name, count, times=None, **settings):
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP, linger_ms=20, acks="all", **PERSISTENT, **settings)
    sent = [producer.send(name, key=b"k%d" % i, value=b"v%d" % i, headers=[("h", b"x")], timestamp_ms=times and times[i]) for i in range(count)]
    producer.flush(PATIENCE_S)
    for each in sent:
        each.get(PATIENCE_S)
    producer.close()


def consumer(group, **settings):
    return KafkaConsumer(bootstrap_servers=BOOTSTRAP, group_id=group, enable_auto_commit=False, session_timeout_ms=6000,
                         heartbeat_interval_ms=500, **{"auto_offset_reset": "earliest", **settings})


def read(source, count):
    records, end = [], time.time() + PATIENCE_S
    while len(records) < count and time.time() < end:
        for some in source.poll(200).values():
            records.extend(some)
    check(len(records) == count, f"expected {count} records, got {len(records)}")
    return records


def members(count, name, **settings):
    made = [consumer(name, **settings) for _ in range(count)]
    for each in made:
        each.subscribe([name])
    return made


def create(name):
    make(name, 3)
    check(len(ADMIN.describe_topics([name])[0]["partitions"]) == 3, "partitions")
    try:
        ADMIN.create_topics([NewTopic(name, 1, NODES)])
    except Exception as e:
        check("TopicAlreadyExists" in str(e), str(e))
        return
    raise AssertionError("a topic was made twice")


def describe(name):
    make(name)
    until = time.time() + PATIENCE_S
    while not ADMIN.describe_topics([name])[0]["partitions"] and time.time() < until:
        time.sleep(0.1)  # a real Kafka's broker learns of it a moment later
    partition = ADMIN.describe_topics([name])[0]["partitions"][0]
    check(1 <= partition["leader"] <= NODES, f"leader: {partition['leader']}")
    check(NODES - KILLS <= len(partition["isr"]) <= len(partition["replicas"]) == NODES, f"in-sync replicas: {partition['isr']}")


def codec(kind):
    def produce(name):
        make(name)
        send(name, 300, compression_type=kind)
        records = read(members(1, name)[0], 300)
        check([r.value for r in records] == [b"v%d" % i for i in range(300)], "values")
        check(records[7].headers == [("h", b"x")] and records[7].key == b"k7", "key and headers")
    return produce


def beginning(name):
    make(name, 3)
    send(name, 60)
    source = consumer(None)
    source.assign([TopicPartition(name, p) for p in range(3)])
    source.seek_to_beginning()
    check(len({r.value for r in read(source, 60)}) == 60, "values")
    source.close()


def at_end(name):
    make(name)
    send(name, 10)
    where = TopicPartition(name, 0)
    source = consumer(None)
    source.assign([where])
    source.seek_to_end()
    check(source.position(where) == 10, "position")
    send(name, 1)
    check(read(source, 1)[0].offset == 10, "first offset")
    source.close()


def timestamps(name):
    make(name)
    base = int(time.time() * 1000) - 100000
    send(name, 30, times=[base + i * 10 for i in range(30)])
    where = TopicPartition(name, 0)
    source = consumer(None)
    source.assign([where])
    found = source.offsets_for_times({where: base + 105})[where].offset
    check(found == 11, f"offset at a time: {found}")
    source.seek(where, found)
    check(read(source, 19)[0].value == b"v11", "first value after a time")
    source.close()


class Member(threading.Thread):
    """A member of a group on a thread of its own: joining blocks until the others have joined again."""

    def __init__(self, name):
        super().__init__(daemon=True)
        self.topic, self.seen, self.owned, self.stopping = name, 0, set(), False
        self.start()

    def run(self):
        source = members(1, self.topic)[0]
        while not self.stopping:
            self.seen += sum(len(some) for some in source.poll(100).values())
            self.owned = set(source.assignment())
        source.close()

    def stop(self):
        self.stopping = True
        self.join(PATIENCE_S)


def until(condition, what):
    end = time.time() + PATIENCE_S
    while not condition():
        check(time.time() < end, what)
        time.sleep(0.05)


def rebalance(name):
    make(name, 4)
    send(name, 40)
    first = Member(name)
    until(lambda: first.seen == 40 and len(first.owned) == 4, "the only member does not read all")
    second = Member(name)
    until(lambda: len(first.owned) == len(second.owned) == 2, "two members do not share the partitions")
    check(len(first.owned | second.owned) == 4, "a partition is owned twice")
    second.stop()
    until(lambda: len(first.owned) == 4, "the partitions of a member that left are not taken over")
    first.stop()


def resume(name):
    make(name)
    send(name, 20)
    where = TopicPartition(name, 0)
    source = members(1, name)[0]
    read(source, 20)
    source.commit({where: OffsetAndMetadata(12, "note")})
    source.close()
    again = members(1, name)[0]
    check(read(again, 8)[0].offset == 12, "first offset after the commit")
    check(again.committed(where) == 12, "committed")
    again.close()


def lag(name):
    make(name)
    send(name, 20)
    where = TopicPartition(name, 0)
    source = consumer(name)
    source.assign([where])
    source.commit({where: OffsetAndMetadata(5, "")})
    committed = ADMIN.list_consumer_group_offsets(name)[where].offset
    check(source.end_offsets([where])[where] - committed == 15, "lag")
    source.close()


def configs(name):
    make(name)
    ADMIN.create_partitions({name: NewPartitions(3)})
    ADMIN.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, configs={"retention.ms": "777000"})])

    def retention():
        answer = ADMIN.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])[0].resources[0]
        return next(c for c in answer[4] if c[0] == "retention.ms")[1]

    until(lambda: retention() == "777000", "retention.ms")  # a real Kafka's broker learns of it a moment later


def delete(name):
    make(name)
    ADMIN.delete_topics([name])
    until(lambda: name not in ADMIN.list_topics(), "a deleted topic is still listed")


CASES = {"create": create, "describe": describe, "produce-none": codec(None), "produce-gzip": codec("gzip"),
         "produce-snappy": codec("snappy"), "produce-lz4": codec("lz4"), "produce-zstd": codec("zstd"), "consume-beginning": beginning,
         "consume-end": at_end, "consume-timestamp": timestamps, "rebalance": rebalance, "commit-resume": resume,
         "lag": lag, "delete": delete, "configs": configs}

failed = False
for case, body in CASES.items():
    try:
        body(f"pykafka-{case}-{uuid.uuid4().hex[:8]}")
        print("PASS", case, flush=True)
    except Exception as e:
        failed = True
        print("FAIL", case + ":", type(e).__name__, str(e).replace("\n", " "), flush=True)
print("DONE", flush=True)
sys.exit(failed)
