package io.millrace.bench.torture.plan;

import java.util.List;
import java.util.Locale;

/** What can happen to one node of a cluster. */
public enum NodeFault {
    /** Its process is killed (kill -9) and started again some time later. */
    KILL(500, 12_000),
    /** Its process stands still (SIGSTOP), for less or for more than its session. */
    STOP(500, 16_000),
    /** Packets are lost. */
    CUT(2_000, 16_000),
    /** Packets take long. */
    SLOW(4_000, 12_000),
    /** Its clock is wrong, and then right again. */
    CLOCK(4_000, 12_000),
    /** Its disk has no space. */
    DISK_FULL(4_000, 12_000),
    /** A bit of what it had synced is another. */
    FLIP(0, 1),
    /** It comes back without what it had stored. */
    WIPE(0, 1),
    /** It is stopped cleanly and started again. */
    RESTART(0, 3_000);

    private final long shortestMs;
    private final long longestMs;

    NodeFault(long shortestMs, long longestMs) {
        this.shortestMs = shortestMs;
        this.longestMs = longestMs;
    }

    /** How a fault comes. */
    public enum Way {
        PLAIN(""),
        FROM_ALL("from everybody"),
        FROM_PEERS("from the other nodes"),
        FROM_ONE("from one other node"),
        /** What it sends to other nodes is lost, and it goes on hearing them. */
        MUTE("so that nodes do not hear it"),
        AHEAD("ahead"),
        BEHIND("behind"),
        BELOW_RESERVE("below the reserve"),
        TO_THE_LAST_BYTE("to the last byte"),
        WHILE_DOWN("while it is down"),
        WHILE_UP("while it runs"),
        /** The folder stays, and its mark: the node looks as it did. */
        PARTITIONS("of its partitions"),
        /** All is gone but the quorum's log, as of a disk that was replaced. */
        DISK("of its disk");

        private final String label;

        Way(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }
    }

    long shortestMs() {
        return shortestMs;
    }

    long longestMs() {
        return longestMs;
    }

    List<Way> ways() {
        return switch (this) {
            case KILL, STOP, SLOW, RESTART -> List.of(Way.PLAIN);
            case CUT -> List.of(Way.FROM_ALL, Way.FROM_PEERS, Way.FROM_ONE, Way.MUTE);
            case CLOCK -> List.of(Way.AHEAD, Way.BEHIND);
            case DISK_FULL -> List.of(Way.BELOW_RESERVE, Way.TO_THE_LAST_BYTE);
            case FLIP -> List.of(Way.WHILE_DOWN, Way.WHILE_UP);
            case WIPE -> List.of(Way.PARTITIONS, Way.DISK);
        };
    }

    /** Whether it takes what was stored: no other node may miss anything then. */
    public boolean destroysData() {
        return this == FLIP || this == WIPE;
    }

    /** The name on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
