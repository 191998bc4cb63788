package io.millrace.bench.delivery;

import io.millrace.bench.load.Target;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** How long a group of many members takes to agree anew. */
final class RebalanceWorkload {
    private final Turn turn;
    private final int members;

    /** Makes a member. */
    private interface Kind {
        Member of(Target target, String group, Agreement agreement);
    }

    RebalanceWorkload(Turn turn, int members) {
        this.turn = turn;
        this.members = members;
    }

    void run() throws IOException, InterruptedException {
        rebalance("warm-up-classic", ClassicMember::new, "");
        rebalance("classic", ClassicMember::new, "rebalance, classic protocol, %d members");
        rebalance("warm-up-consumer", ConsumerMember::new, "");
        rebalance("consumer", ConsumerMember::new, "rebalance, consumer protocol, %d members");
    }

    private void rebalance(String group, Kind kind, String workload)
            throws IOException, InterruptedException {
        Target target = turn.topic(2 * members);
        turn.findCoordinator(group);
        var agreement = new Agreement(target.partitions());
        var all = new ArrayList<Member>();
        var running = new ArrayList<Future<Boolean>>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            try {
                double before = turn.cpuSeconds();
                long startNs = System.nanoTime();
                for (int i = 0; i < members; i++) {
                    begin(kind.of(target, group, agreement), agreement, all, threads, running);
                }
                double togetherMs = agreement.await(members, startNs);
                quieten();
                long joinNs = System.nanoTime();
                begin(kind.of(target, group, agreement), agreement, all, threads, running);
                double joinMs = agreement.await(members + 1, joinNs);
                quieten();
                long leaveNs = System.nanoTime();
                all.getLast().stop();
                double leaveMs = agreement.await(members, leaveNs);
                double cpu = turn.cpuSeconds() - before;
                if (!workload.isEmpty()) {
                    String name = workload.formatted(members);
                    turn.add(name, "all join", "ms", togetherMs);
                    turn.add(name, "one more joins", "ms", joinMs);
                    turn.add(name, "one leaves", "ms", leaveMs);
                    turn.add(name, "CPU of all", "ms", cpu * 1e3);
                }
            } finally {
                all.forEach(Member::stop);
            }
            awaitEnds(running);
        }
    }

    private static void begin(
            Member member,
            Agreement agreement,
            List<Member> all,
            ExecutorService threads,
            List<Future<Boolean>> running) {
        all.add(member);
        running.add(
                threads.submit(() -> {
                    try {
                        return member.run();
                    } catch (IOException e) {
                        agreement.failed(e);
                        throw e;
                    }
                }));
    }

    /** Lets what the last change still set going come to an end. */
    private static void quieten() throws InterruptedException {
        TimeUnit.SECONDS.sleep(2);
    }

    private static void awaitEnds(List<Future<Boolean>> running)
            throws IOException, InterruptedException {
        for (Future<Boolean> each : running) {
            try {
                each.get();
            } catch (ExecutionException e) {
                throw new IOException("a member failed: " + e.getCause(), e);
            }
        }
    }
}
