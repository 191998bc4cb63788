package io.millrace.bench;

import java.io.PrintWriter;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Says on standard error how far a command is, each time with the seconds since it began. */
@Command
public final class Progress {
    private final long begunNs = System.nanoTime();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    /** Says it at once. From any thread. */
    public void say(String what) {
        PrintWriter err = command.commandLine().getErr();
        err.printf(Locale.ROOT, "[%5.1f s] %s%n", seconds(), what);
        err.flush();
    }

    /** For how long the command has run. */
    public double seconds() {
        return (System.nanoTime() - begunNs) / 1e9;
    }
}
