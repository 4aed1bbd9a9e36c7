"""The lines of README, run by tests/test_readme.py."""

# --- README
import causalrec as cr

data = cr.datasets.complete_journey()
graph = cr.load_graph("promotion")
estimand = cr.identify(graph, treatment="display", outcome="purchased")
effect = cr.estimate(estimand, data)
print(cr.refute(effect, data))
scores = cr.score(estimand, data, modifiers=["department", "item_text", "bought_before"])
model = cr.JointRecommender().fit(data, scores)
ranking = model.recommend(users=["1364"], k=10)
print(cr.explain(model, ranking)[0])
cr.report(effect, ranking).save("report.html")
# --- end
