package io.millrace.storage.compact;

import io.millrace.storage.disk.Disk;
import io.millrace.storage.plan.CompactionPlan;
import io.millrace.storage.plan.SegmentFacts;
import io.millrace.storage.producer.AbortedTransaction;
import io.millrace.storage.producer.ProducerStates;
import io.millrace.storage.producer.ProducerStates.LastWritten;
import io.millrace.storage.producer.ProducerSummary;
import io.millrace.storage.segment.AbortedIndex;
import io.millrace.storage.segment.Segment;
import io.millrace.storage.segment.SegmentNames;
import io.millrace.storage.state.LogCommit;
import io.millrace.storage.state.LogState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Plans compactions of a log and puts their results in place. Belongs to the log's owner. */
public final class LogCompactor {
    private final Disk disk;
    private final LogState state;
    private final LogCommit commit;
    private List<Segment> underWay = List.of();
    private int cutsWhenPlanned;

    public LogCompactor(Disk disk, LogState state, LogCommit commit) {
        this.disk = disk;
        this.state = state;
        this.commit = commit;
    }

    /** A compaction to run off the owner's thread, if one is worth it and none is under way. */
    public Optional<Compaction> plan(
            CompactionPlan.Limits limits, Compaction.Settings settings, long highWatermark)
            throws IOException {
        boolean possible =
                !isUnderWay() && state.quarantine().isEmpty() && state.segments().size() > 1;
        if (!possible) {
            return Optional.empty();
        }
        List<Segment> closed =
                List.copyOf(state.segments().headMap(state.segments().lastKey()).values());
        List<SegmentFacts> facts = state.facts(settings.nowMs()).subList(0, closed.size());
        int count =
                CompactionPlan.segments(
                        facts, limits, state.cleanedTo(), highWatermark, settings.nowMs());
        boolean settled =
                closed.subList(0, count).stream()
                        .allMatch(segment -> segment.transactions().isSettled());
        if (count == 0 || !settled) {
            return Optional.empty();
        }
        List<Segment> chosen = closed.subList(0, count);
        Compaction.Writers writers = writers(chosen);
        List<Compaction.Source> sources = sources(chosen);
        underWay = chosen;
        cutsWhenPlanned = state.cuts();
        return Optional.of(
                new Compaction(
                        disk, state.folder(), sources, settings, writers, state.rewritten()));
    }

    /** Whether a compaction was planned, and has not come to its end. */
    public boolean isUnderWay() {
        return !underWay.isEmpty();
    }

    private List<Compaction.Source> sources(List<Segment> segments) throws IOException {
        var sources = new ArrayList<Compaction.Source>(segments.size());
        for (Segment segment : segments) {
            sources.add(
                    new Compaction.Source(
                            segment.baseOffset(),
                            segment.sizeBytes(),
                            segment.nextOffset(),
                            segment.file().retain(),
                            segment.nextOffset() > state.cleanedTo()));
        }
        return sources;
    }

    private Compaction.Writers writers(List<Segment> sources) throws IOException {
        long end = sources.getLast().nextOffset();
        var aborted = new ArrayList<AbortedTransaction>();
        for (Segment segment : state.segments().values()) {
            for (AbortedTransaction each : segment.transactions().aborted()) {
                if (each.firstOffset() < end) {
                    aborted.add(each);
                }
            }
        }
        return new Compaction.Writers(lastWritten(), aborted);
    }

    private Map<Long, LastWritten> lastWritten() {
        var known = new HashMap<Long, LastWritten>();
        for (ProducerStates.ActiveProducer producer : state.producers().active()) {
            LastWritten last = state.producers().lastOf(producer.producerId());
            if (last != null) {
                known.put(producer.producerId(), last);
            }
        }
        return known;
    }

    /** The compaction failed; another may be planned. */
    public void failed() {
        underWay = List.of();
    }

    /**
     * Puts the new files in the place of the old ones. Each takes one rename, so a crash leaves the
     * old or the new one; both hold what a reader may expect. The index of aborted transactions
     * goes first: what it lacks had nothing left before.
     */
    public void apply(Compaction.Result result) throws IOException {
        var planned = Set.copyOf(underWay);
        underWay = List.of();
        if (state.cuts() != cutsWhenPlanned || !state.quarantine().isEmpty()) {
            discard(result);
            return;
        }
        state.rewrite(result.files());
        dropIndexes(result);
        var replacements = new HashMap<Segment, List<ProducerSummary>>();
        for (Compaction.Cleaned cleaned : result.segments()) {
            Segment old = state.segments().get(cleaned.baseOffset());
            boolean outdated =
                    old == null || !planned.contains(old) || !old.transactions().isSettled();
            if (old == null || outdated) {
                disk.delete(cleaned.file());
                continue;
            }
            var replacement =
                    Segment.stored(
                            state.home(),
                            cleaned.baseOffset(),
                            cleaned.sizeBytes(),
                            old.nextOffset());
            if (old.transactions().hasFile() || !cleaned.aborted().isEmpty()) {
                ByteBuffer index = new AbortedIndex(cleaned.aborted()).encode();
                disk.replace(old.transactions().path(), index, true);
                replacement.transactions().isOnDisk();
            }
            disk.rename(cleaned.file(), old.path());
            old.releaseFile();
            commit.forget(old);
            state.segments().put(cleaned.baseOffset(), replacement);
            replacements.put(replacement, cleaned.producers());
        }
        state.cleanedTo(Math.max(state.cleanedTo(), result.cleanedTo()));
        disk.syncFolder(state.folder());
        tellOfProducers(replacements);
        commit.deleteWithCheckpoint(dropEmpty());
    }

    /** Once the new files are in their places for good. */
    private static void tellOfProducers(Map<Segment, List<ProducerSummary>> replacements)
            throws IOException {
        for (Map.Entry<Segment, List<ProducerSummary>> each : replacements.entrySet()) {
            each.getKey().producers().replaceBy(each.getValue());
            each.getKey().producers().close();
        }
    }

    /**
     * The log was cut meanwhile, and other batches may have the places of those that were
     * compacted; or some of them turned out to be bad, and are to be repaired where they are.
     */
    private void discard(Compaction.Result result) throws IOException {
        for (Compaction.Cleaned cleaned : result.segments()) {
            disk.delete(cleaned.file());
        }
    }

    /** No index may be found beside a data file that it was not made for, even after a crash. */
    private void dropIndexes(Compaction.Result result) throws IOException {
        for (Compaction.Cleaned cleaned : result.segments()) {
            long base = cleaned.baseOffset();
            disk.delete(SegmentNames.file(state.folder(), base, SegmentNames.INDEX));
            disk.delete(SegmentNames.file(state.folder(), base, SegmentNames.PRODUCERS));
        }
        disk.syncFolder(state.folder());
    }

    /** Segments with nothing left go, but for the first, whose name is the log's start. */
    private List<Path> dropEmpty() {
        var gone = new ArrayList<Path>();
        var first = state.segments().firstKey();
        for (Segment segment : List.copyOf(state.segments().values())) {
            boolean spare =
                    segment.sizeBytes() == 0
                            && segment.baseOffset() != first
                            && segment != state.active();
            if (spare) {
                state.segments().remove(segment.baseOffset());
                segment.releaseFile();
                gone.addAll(segment.paths());
            }
        }
        return gone;
    }
}
