package io.millrace.bench.torture.plan;

import io.millrace.bench.torture.plan.NodeFault.Way;
import java.util.Random;

/**
 * One fault of a plan.
 *
 * @param node from 1 on
 * @param afterMs to wait after the one before has passed
 * @param forMs how long it lasts, for those that last
 * @param waitsForSync whether every replica has to be in sync before
 * @param crashesClients whether a client of each row crashes as well
 * @param chance what is left to chance for whoever carries it out
 */
public record Strike(
        NodeFault fault,
        Way way,
        int node,
        long afterMs,
        long forMs,
        boolean waitsForSync,
        boolean crashesClients,
        long chance) {
    /** What else there is to choose about a fault. */
    public enum Choice {
        OTHER_NODE,
        CLEANLY,
        HOW_FAR,
        PARTITION,
        BATCH,
        BIT
    }

    /** One of so many things, by chance; the same whenever it is asked. */
    public int choose(Choice what, int among) {
        return new Random(chance ^ what.name().hashCode()).nextInt(among);
    }

    /** Another node of so many, by chance. */
    public int other(int nodes) {
        return 1 + (node + choose(Choice.OTHER_NODE, nodes - 1)) % nodes;
    }

    @Override
    public String toString() {
        return way == Way.PLAIN ? fault.toString() : fault + " " + way.label();
    }
}
