package io.millrace.bench.torture;

import io.millrace.bench.torture.node.Cluster;
import io.millrace.bench.torture.node.Damage;
import io.millrace.bench.torture.node.Damage.Flipped;
import io.millrace.bench.torture.node.Sync;
import io.millrace.bench.torture.plan.NodeFault.Way;
import io.millrace.bench.torture.plan.Strike;
import io.millrace.bench.torture.plan.Strike.Choice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Carries out what a plan says. One thread; blocks for as long as a fault lasts. */
final class Striker {
    private static final long MENDED_WITHIN_MS = 30_000;
    private static final long GONE_WITHIN_MS = 30_000;
    private static final long FREED_WITHIN_MS = 30_000;
    private static final long LOOK_MS = 500;
    private static final List<Long> JUMPS_S = List.of(2L, 60L, 1_800L);

    private final Cluster cluster;
    private final Sync sync;
    private final Damage damage;
    private final List<String> flippable;
    private final List<String> problems = new ArrayList<>();

    /**
     * @param flippable folders of the partitions in which bits may turn
     */
    Striker(Cluster cluster, Sync sync, List<String> flippable) {
        this.cluster = cluster;
        this.sync = sync;
        this.flippable = flippable;
        damage = new Damage(cluster.volumes());
    }

    /** What went wrong that no fault explains. */
    List<String> problems() {
        return problems;
    }

    /**
     * Does what a fault does, and undoes it where it passes.
     *
     * @return what is to be said of it; empty if nothing
     */
    String strike(Strike strike) throws IOException, InterruptedException {
        int node = strike.node();
        switch (strike.fault()) {
            case KILL -> {
                cluster.kill(node);
                Cluster.pause(strike.forMs());
                cluster.launch(node);
            }
            case RESTART -> {
                stop(node);
                Cluster.pause(strike.forMs());
                cluster.launch(node);
            }
            case STOP -> {
                cluster.freeze(node);
                Cluster.pause(strike.forMs());
                cluster.thaw(node);
            }
            case CUT -> {
                cluster.ground().cut(node, strike.way(), strike.other(cluster.size()));
                Cluster.pause(strike.forMs());
                cluster.ground().heal(node);
            }
            case SLOW -> {
                cluster.ground().slowDown(node);
                Cluster.pause(strike.forMs());
                cluster.ground().heal(node);
            }
            case CLOCK -> {
                return moveClock(strike);
            }
            case DISK_FULL -> {
                return fillDisk(strike);
            }
            case FLIP -> {
                return flip(strike);
            }
            case WIPE -> {
                return wipe(strike);
            }
        }
        return "";
    }

    private void stop(int node) throws InterruptedException {
        if (!cluster.stop(node)) {
            problems.add("node %d did not stop when asked to".formatted(node));
        }
    }

    private String moveClock(Strike strike) throws IOException, InterruptedException {
        long seconds = JUMPS_S.get(strike.choose(Choice.HOW_FAR, JUMPS_S.size()));
        cluster.clocks().move(strike.node(), strike.way() == Way.AHEAD ? seconds : -seconds);
        Cluster.pause(strike.forMs());
        cluster.clocks().move(strike.node(), 0);
        return "by %d s".formatted(seconds);
    }

    private String fillDisk(Strike strike) throws IOException, InterruptedException {
        int node = strike.node();
        cluster.volumes().fill(node, strike.way());
        Cluster.pause(strike.forMs());
        cluster.volumes().free(node);
        if (sync.await(FREED_WITHIN_MS).isEmpty()) {
            return "";
        }
        // A log that has failed stays offline until then; a node that lost its quorum has ended.
        stop(node);
        cluster.launch(node);
        return "restarted by hand";
    }

    /** A node comes down: some in good order, some not. */
    private void takeDown(Strike strike) throws InterruptedException {
        if (strike.choose(Choice.CLEANLY, 2) == 0) {
            cluster.kill(strike.node());
        } else {
            stop(strike.node());
        }
    }

    private String wipe(Strike strike) throws IOException, InterruptedException {
        int node = strike.node();
        takeDown(strike);
        damage.wipe(node, strike.way());
        if (strike.way() == Way.DISK && !sync.awaitGone(node, GONE_WITHIN_MS)) {
            // With another folder it counts as another node, and is refused until this one is gone.
            problems.add("node %d is down and still takes part".formatted(node));
        }
        cluster.launch(node);
        return "";
    }

    private String flip(Strike strike) throws IOException, InterruptedException {
        int node = strike.node();
        boolean down = strike.way() == Way.WHILE_DOWN;
        if (down) {
            takeDown(strike);
        }
        Flipped flipped = damage.flip(strike, flippable, strike.other(cluster.size())).orElse(null);
        if (down) {
            cluster.launch(node);
        }
        if (flipped == null) {
            return "nothing to flip yet";
        }
        long untilNs = System.nanoTime() + MENDED_WITHIN_MS * 1_000_000;
        while (!damage.isMended(flipped)) {
            if (System.nanoTime() > untilNs) {
                stop(node);
                damage.forget(node, flipped.partition());
                cluster.launch(node);
                return "%s; mended by hand".formatted(flipped);
            }
            Cluster.pause(LOOK_MS);
        }
        return "%s; mended by itself".formatted(flipped);
    }
}
