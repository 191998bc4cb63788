package io.millrace.broker.handler.fetch;

import io.millrace.broker.handler.fetch.FetchPartition.Key;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;

/** Puts what a fetch has read into its answer, and into its session's memory. */
record FetchAnswer(FetchPlan plan) {
    /** The topics of the answer: all partitions of a full fetch, of an incremental one the news. */
    List<FetchableTopicResponse> topics(List<FetchItem> items) {
        var topics = new ArrayList<FetchableTopicResponse>();
        for (FetchItem item : items) {
            if (isTold(item)) {
                topicOf(item.wanted().key(), topics).partitions().add(item.data());
            }
        }
        return topics;
    }

    private boolean isTold(FetchItem item) {
        FetchSession session = plan.session();
        if (session == null) {
            return true;
        }
        if (item.bytes() > 0) {
            session.moveToEnd(item.wanted());
        }
        if (plan.full()) {
            item.wanted().tell(item.data());
            return true;
        }
        return item.wanted().isNews(item.data());
    }

    private static FetchableTopicResponse topicOf(Key key, List<FetchableTopicResponse> topics) {
        if (!topics.isEmpty()) {
            var last = topics.getLast();
            if (last.topic().equals(key.topic()) && last.topicId().equals(key.topicId())) {
                return last;
            }
        }
        var added = new FetchableTopicResponse().setTopic(key.topic()).setTopicId(key.topicId());
        topics.add(added);
        return added;
    }
}
