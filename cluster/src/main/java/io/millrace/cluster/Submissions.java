package io.millrace.cluster;

import com.google.protobuf.ByteString;
import io.millrace.cluster.MetadataService.Outcome;
import io.millrace.cluster.controller.Command;
import io.millrace.cluster.peer.Answer;
import io.millrace.cluster.peer.Answer.Decisions;
import io.millrace.cluster.peer.Ask;
import io.millrace.cluster.peer.ControllerLink;
import io.millrace.cluster.quorum.NotControllerException;
import io.millrace.cluster.quorum.QuorumException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The commands that this node wants decided: by itself if it leads, else by who does. They are
 * asked for again while no leader is found, or the one that was asked is lost: see {@link
 * RepeatedCommands} for why that is safe. On the metadata thread.
 */
final class Submissions {
    private static final long RETRY_MS = 100;
    private static final long PATIENCE_MS = 15_000;

    private final ActiveController controller;
    private final PublishedImage published;
    private final ControllerLink link;
    private final Executor thread;

    /** Those that are with another node, wait for a leader, or for this node's image. */
    private final Set<Submission> open = new LinkedHashSet<>();

    /** Those that are decided on, and wait for this node's image. */
    private final PriorityQueue<Decided> behind =
            new PriorityQueue<>(
                    Comparator.comparingLong(decided -> decided.decisions().endOffset()));

    private long nowMs;
    private boolean closed;

    /** Commands, and where they are. */
    private static final class Submission {
        final List<? extends Command> commands;
        final CompletableFuture<Outcome> outcome;
        final long deadlineMs;

        /** When to ask again; null while there is nothing to ask. */
        @Nullable Long retryAtMs;

        /** Whether somebody may have decided them already. */
        boolean asked;

        Submission(
                List<? extends Command> commands,
                CompletableFuture<Outcome> outcome,
                long deadlineMs) {
            this.commands = commands;
            this.outcome = outcome;
            this.deadlineMs = deadlineMs;
        }
    }

    /**
     * Commands with what became of them.
     *
     * @param repeated whether they had been asked for before
     */
    private record Decided(Submission of, Decisions decisions, boolean repeated) {}

    Submissions(
            ActiveController controller,
            PublishedImage published,
            ControllerLink link,
            Executor thread) {
        this.controller = controller;
        this.published = published;
        this.link = link;
        this.thread = thread;
    }

    /** Has commands decided; the outcome is told. */
    void add(List<? extends Command> commands, CompletableFuture<Outcome> outcome, long submitMs) {
        nowMs = submitMs;
        attempt(new Submission(commands, outcome, submitMs + PATIENCE_MS));
    }

    private void attempt(Submission submission) {
        submission.retryAtMs = null;
        boolean repeated = submission.asked;
        if (closed) {
            fail(submission, controller.notController());
        } else if (controller.leads()) {
            decideHere(submission, repeated);
        } else if (controller.elsewhere().isPresent()) {
            open.add(submission);
            submission.asked = true;
            var _ =
                    link.ask(
                                    controller.elsewhere().getAsInt(),
                                    Ask.encode(new Ask.Commands(submission.commands)))
                            .whenCompleteAsync(
                                    (bytes, failure) -> answered(submission, bytes, repeated),
                                    thread);
        } else {
            askLater(submission);
        }
    }

    private void decideHere(Submission submission, boolean repeated) {
        open.remove(submission);
        submission.asked = true;
        CompletableFuture<Decisions> decision;
        try {
            decision = controller.decide(submission.commands);
        } catch (RuntimeException e) {
            fail(submission, e);
            throw e;
        }
        var _ =
                decision.whenComplete((decisions, failure) -> {
                    if (failure == null) {
                        decided(new Decided(submission, decisions, repeated));
                    } else {
                        failed(submission, failure);
                    }
                });
    }

    /**
     * @param bytes null if there was no answer
     */
    private void answered(Submission submission, @Nullable ByteString bytes, boolean repeated) {
        if (bytes == null) {
            askLater(submission);
            return;
        }
        switch (Answer.decode(bytes)) {
            case Decisions decisions -> decided(new Decided(submission, decisions, repeated));
            case Answer.NotController _ -> askLater(submission);
            case Answer.Failed(String message) ->
                    fail(submission, new QuorumException(message, null));
            case Answer.Heard _, Answer.Stands _ ->
                    fail(
                            submission,
                            new QuorumException("commands were answered by something else", null));
        }
    }

    private void failed(Submission submission, Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof NotControllerException) {
            askLater(submission);
        } else {
            fail(submission, cause == null ? failure : cause);
        }
    }

    private void askLater(Submission submission) {
        if (closed || nowMs >= submission.deadlineMs) {
            fail(submission, controller.notController());
        } else if (!submission.outcome.isDone()) {
            open.add(submission);
            submission.retryAtMs = nowMs + RETRY_MS;
        }
    }

    private void fail(Submission submission, Throwable cause) {
        open.remove(submission);
        submission.outcome.completeExceptionally(cause);
    }

    private void decided(Decided decided) {
        if (decided.decisions().decisions().size() != decided.of().commands.size()) {
            fail(decided.of(), new QuorumException("not every command was decided on", null));
        } else if (decided.decisions().endOffset() <= published.get().endOffset()) {
            finish(decided);
        } else {
            behind.add(decided);
        }
    }

    private void finish(Decided decided) {
        Submission of = decided.of();
        open.remove(of);
        var image = published.get();
        var decisions = decided.decisions().decisions();
        of.outcome.complete(
                new Outcome(
                        decided.repeated()
                                ? RepeatedCommands.settle(of.commands, decisions, image)
                                : decisions,
                        image));
    }

    /** There is a newer image. */
    void published() {
        long endOffset = published.get().endOffset();
        for (Decided next = behind.peek();
                next != null && next.decisions().endOffset() <= endOffset;
                next = behind.peek()) {
            behind.remove();
            finish(next);
        }
    }

    /** Another leads: whoever waits for that need wait no longer. */
    void leaderChanged() {
        for (Submission submission : new ArrayList<>(open)) {
            if (submission.retryAtMs != null) {
                attempt(submission);
            }
        }
    }

    /** Asks again, and gives up what was submitted too long ago. */
    void tick(long tickMs) {
        nowMs = tickMs;
        for (Submission submission : new ArrayList<>(open)) {
            if (nowMs >= submission.deadlineMs) {
                fail(submission, controller.notController());
                behind.removeIf(decided -> decided.of() == submission);
            } else if (submission.retryAtMs != null && nowMs >= submission.retryAtMs) {
                attempt(submission);
            }
        }
    }

    /** Gives up everything. */
    void close() {
        closed = true;
        new ArrayList<>(open).forEach(submission -> fail(submission, controller.notController()));
        behind.clear();
    }
}
