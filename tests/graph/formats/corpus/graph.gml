Creator "somebody"
Version 1
# a comment
graph [
  comment "of a study"
  directed 1
  multigraph 1
  node [ id 1 label "taste" observed "no" graphics [ x 1.5 y -2 w 10 Line [ point [ x 1 y 1 ] ] ] ]
  node [ id 2 label "exposed" roles "treatment" roles "block" ]
  node [ id 3 label "say &quot;hi&quot; &#233;" ]
  node [ id 4 ]
  edge [ source 1 target 2 weight 0.5 ]
  edge [ source 2 target 3 ]
  edge [ source 1 target 3 type "bidirected" ]
]
