package io.millrace.broker.group.shard;

import io.millrace.broker.group.GroupLimits;
import io.millrace.broker.group.GroupReply.Beat;
import io.millrace.broker.group.GroupReply.Joined;
import io.millrace.broker.group.GroupRequest;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What groups cost the thread that runs them, in processor time: rebalances of many members on both
 * protocols, heartbeats, and ticks over many groups. A main, not a test: it prints.
 */
final class GroupCost {
    private static final int PARTITIONS = 1000;

    private GroupCost() {}

    /** Runs each case some times, so that the last is warm. */
    public static void main(String[] args) {
        for (int round = 0; round < 5; round++) {
            consumers(100);
            consumers(1000);
            classic(100);
            ticks(1000);
        }
    }

    private static long cpuUs() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1000;
    }

    private static TestCluster cluster() {
        return TestCluster.EMPTY
                .with("t", PARTITIONS)
                .set("group.consumer.max.size", 100_000)
                .set("consumer.session.timeout.ms", 45_000)
                .set("consumer.assignment.interval.ms", 1000);
    }

    private static void consumers(int count) {
        var shard = new GroupShard<String>(Shards.LIMITS, cluster());
        var members = new ArrayList<TestConsumer>();
        for (int i = 0; i < count; i++) {
            members.add(new TestConsumer("m" + i, null, List.of("t"), ""));
        }
        long startUs = cpuUs();
        int beats = 0;
        long nowMs = 0;
        for (boolean settled = false; !settled; nowMs += 1000) {
            settled = true;
            for (TestConsumer member : members) {
                Beat beat =
                        (Beat) shard.handle("r", member.beat(), nowMs).replies().getFirst().reply();
                settled &= beat.assignment() == null && member.epoch == beat.epoch();
                member.hear(beat);
                beats++;
            }
            shard.tick(nowMs);
        }
        long rebalanceUs = cpuUs() - startUs;
        startUs = cpuUs();
        for (TestConsumer member : members) {
            shard.handle("r", member.beat(), nowMs);
        }
        System.out.printf(
                "consumer, %d members: settled after %d heartbeats each, %d us; then %.1f us"
                        + " each%n",
                count, beats / count, rebalanceUs, (cpuUs() - startUs) / (double) count);
    }

    private static void classic(int count) {
        var limits = new GroupLimits(0, 10, 1_000_000, count, 100, 100, 1_000_000);
        var shard = new GroupShard<String>(limits, cluster());
        long startUs = cpuUs();
        for (int i = 0; i < count; i++) {
            shard.handle("n" + i, Shards.join("", null, "m" + i), 0);
        }
        var replies = new ArrayList<Joined>();
        for (int i = 0; i < count; i++) {
            shard.handle("m" + i, Shards.join("m" + i, null, "x"), 1)
                    .replies()
                    .forEach(reply -> replies.add((Joined) reply.reply()));
        }
        Map<String, ByteBuffer> assignments = new HashMap<>();
        replies.forEach(joined -> assignments.put(joined.memberId(), Shards.text("p")));
        int generation = replies.getLast().generation();
        for (int i = 0; i < count; i++) {
            var claim = new GroupRequest.Claim(generation, "m" + i, null);
            shard.handle("s" + i, Shards.sync(claim, assignments), 2);
        }
        System.out.printf(
                "classic, %d members: joined (%d answers) and synced, %d us%n",
                count, replies.size(), cpuUs() - startUs);
    }

    private static void ticks(int groups) {
        var shard = new GroupShard<String>(Shards.LIMITS, cluster());
        for (int i = 0; i < groups; i++) {
            var join = Shards.join("", null, "m");
            shard.handle(
                    "r",
                    new GroupRequest.Join(
                            "g" + i,
                            "",
                            null,
                            "m",
                            join.client(),
                            new GroupRequest.Timeouts(45_000, 45_000),
                            "consumer",
                            join.protocols(),
                            false,
                            true),
                    0);
        }
        long startUs = cpuUs();
        for (int tick = 1; tick <= 100; tick++) {
            shard.tick(tick * 100L);
        }
        System.out.printf("%d groups: %.2f us a tick%n", groups, (cpuUs() - startUs) / 100.0);
    }
}
