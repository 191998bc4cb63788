package io.millrace.bench.lab.fault;

import java.util.Locale;

/** What the lab does to a broker and its clients. */
public enum Fault {
    /** The broker's process is killed and started again; a consumer of each row crashes too. */
    KILL("killed"),
    /** The broker's process stands still for a while. */
    PAUSE("paused"),
    /** Connections break, some just before an answer, and none can be made for a while. */
    DISCONNECT("cut off"),
    /** Produce requests that wait for an answer reach the broker twice. */
    DUPLICATE("requests repeated"),
    /** Every sync takes long. */
    SLOW_DISK("slow disk"),
    /** The broker's process dies, and of its files only what was synced is left. */
    POWER_LOSS("power lost");

    private final String past;

    Fault(String past) {
        this.past = past;
    }

    /** How it is spoken of afterwards. */
    public String past() {
        return past;
    }

    /** The name on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
