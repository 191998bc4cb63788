package io.millrace.client.cli;

import io.millrace.client.cli.text.WrongUseException;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.TimeoutException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.OptionSpec;

/** Entry of the {@code millrace} command. */
@Command(
        name = "millrace",
        mixinStandardHelpOptions = true,
        version = "millrace 0.1.0",
        description = "Works with a Millrace broker, or any that speaks Kafka's protocol.",
        footer = "\nThe broker itself: millrace start, millrace config.",
        subcommands = {
            TopicCommand.class,
            ProduceCommand.class,
            ConsumeCommand.class,
            GroupCommand.class,
            QueueCommand.class,
            NodeCommand.class,
            ClusterCommand.class,
            CommandLine.HelpCommand.class,
            picocli.AutoComplete.GenerateCompletion.class
        })
public final class MillraceCli {
    private static final int FAILED = 1;
    private static final int WRONG_USE = 2;

    private MillraceCli() {}

    /** Runs one command; ends with 0, 1 after a failure, or 2 after a wrong use. */
    public static void main(String[] args) {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "error");
        // It tells of illegal names of topics, as the command does.
        System.setProperty("org.slf4j.simpleLogger.log.org.apache.kafka.clients.Metadata", "off");
        System.exit(commandLine(System.getenv()).execute(args));
    }

    /** The command with all its subcommands, taking defaults of options from an environment. */
    static CommandLine commandLine(Map<String, String> environment) {
        var line = new CommandLine(new MillraceCli());
        line.setDefaultValueProvider(fromEnvironment(environment));
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr().println("millrace: " + explain(failure));
            return isWrongUse(failure) ? WRONG_USE : FAILED;
        });
        return line;
    }

    /**
     * Options that may be repeated have no variable: one could not say where a value ends, and
     * MILLRACE_CONFIG is already the broker's file.
     */
    private static IDefaultValueProvider fromEnvironment(Map<String, String> environment) {
        return argument ->
                argument instanceof OptionSpec option && !option.isMultiValue()
                        ? environment.get(
                                "MILLRACE_"
                                        + option.longestName()
                                                .replaceFirst("^-+", "")
                                                .replace('-', '_')
                                                .toUpperCase(java.util.Locale.ROOT))
                        : null;
    }

    /** Clients refuse settings before they ask a broker. */
    private static boolean isWrongUse(Throwable failure) {
        return failure instanceof WrongUseException || cause(failure) instanceof ConfigException;
    }

    /** A client that cannot be made hides why in the cause. */
    private static Throwable cause(Throwable failure) {
        Throwable inner = failure.getCause();
        return inner != null
                        && (failure instanceof ExecutionException
                                || inner instanceof ConfigException)
                ? inner
                : failure;
    }

    /** What went wrong, in one line that says what to do. */
    static String explain(Throwable failure) {
        Throwable cause = cause(failure);
        if (cause instanceof TimeoutException) {
            return "no answer from the broker in time: is it running, and is --bootstrap-server right? ("
                    + cause.getMessage()
                    + ")";
        }
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}
